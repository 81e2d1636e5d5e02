-- renames: goods.price:cost

-- upgrade
ALTER TABLE goods
    RENAME COLUMN price TO cost,
    MODIFY COLUMN gross INT GENERATED ALWAYS AS (cost * 2) VIRTUAL,
    DROP CHECK ck_price,
    ADD CONSTRAINT ck_price CHECK (cost > 0);

-- rollback
ALTER TABLE goods
    RENAME COLUMN cost TO price,
    MODIFY COLUMN gross INT GENERATED ALWAYS AS (price * 2) VIRTUAL,
    DROP CHECK ck_price,
    ADD CONSTRAINT ck_price CHECK (price > 0);
