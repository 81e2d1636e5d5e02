-- renames: check items.old_price:new_price, index items.ix_old:ix_new, unique items.old_code:new_code

-- upgrade
ALTER TABLE items RENAME CONSTRAINT old_price TO new_price;

ALTER INDEX ix_old RENAME TO ix_new;

ALTER TABLE items RENAME CONSTRAINT old_code TO new_code;

-- rollback
ALTER TABLE items RENAME CONSTRAINT new_code TO old_code;

ALTER INDEX ix_new RENAME TO ix_old;

ALTER TABLE items RENAME CONSTRAINT new_price TO old_price;
