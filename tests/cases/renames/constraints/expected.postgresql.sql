-- renames: check items.old_price:new_price, unique items.old_code:new_code, index items.ix_old:ix_new

-- upgrade
ALTER TABLE items RENAME CONSTRAINT old_price TO new_price;

ALTER TABLE items RENAME CONSTRAINT old_code TO new_code;

ALTER INDEX ix_old RENAME TO ix_new;

-- rollback
ALTER INDEX ix_new RENAME TO ix_old;

ALTER TABLE items RENAME CONSTRAINT new_code TO old_code;

ALTER TABLE items RENAME CONSTRAINT new_price TO old_price;
