-- upgrade
ALTER TABLE users
    COMMENT='new',
    ALGORITHM=INPLACE, LOCK=NONE;

-- rollback
ALTER TABLE users
    COMMENT='old',
    ALGORITHM=INPLACE, LOCK=NONE;
