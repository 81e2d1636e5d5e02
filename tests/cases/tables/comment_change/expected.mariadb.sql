-- upgrade
ALTER TABLE users
    COMMENT='new',
    ALGORITHM=INSTANT;

-- rollback
ALTER TABLE users
    COMMENT='old',
    ALGORITHM=INSTANT;
