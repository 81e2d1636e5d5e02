-- renames: goods.price:cost

-- upgrade
ALTER TABLE goods
    RENAME COLUMN price TO cost,
    ALGORITHM=INSTANT;

-- rollback
ALTER TABLE goods
    RENAME COLUMN cost TO price,
    ALGORITHM=INSTANT;
