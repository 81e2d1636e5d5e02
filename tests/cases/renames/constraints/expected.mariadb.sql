-- renames: index items.ix_old:ix_new, index items.old_code:new_code

-- upgrade
ALTER TABLE items
    RENAME INDEX ix_old TO ix_new,
    RENAME INDEX old_code TO new_code,
    ALGORITHM=INSTANT;

ALTER TABLE items
    ADD CONSTRAINT new_price CHECK (price > 0),
    ALGORITHM=COPY, LOCK=SHARED;

ALTER TABLE items
    DROP CONSTRAINT old_price,
    ALGORITHM=INSTANT;

-- rollback
ALTER TABLE items
    ADD CONSTRAINT old_price CHECK (price > 0),
    ALGORITHM=COPY, LOCK=SHARED;

ALTER TABLE items
    DROP CONSTRAINT new_price,
    ALGORITHM=INSTANT;

ALTER TABLE items
    RENAME INDEX new_code TO old_code,
    RENAME INDEX ix_new TO ix_old,
    ALGORITHM=INSTANT;
