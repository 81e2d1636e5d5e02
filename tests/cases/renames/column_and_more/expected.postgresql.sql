-- renames: items.amount:quantity, items.note:remark

-- upgrade
ALTER TABLE items RENAME COLUMN amount TO quantity;

ALTER TABLE items RENAME COLUMN note TO remark;

ALTER TABLE items DROP CONSTRAINT positive;

ALTER TABLE items
    ALTER COLUMN quantity TYPE VARCHAR(30),
    ALTER COLUMN remark SET DEFAULT 'none';

ALTER TABLE items ADD CONSTRAINT items_remark_set CHECK (remark IS NOT NULL) NOT VALID;

ALTER TABLE items ADD CONSTRAINT positive CHECK (quantity <> '') NOT VALID;

ALTER TABLE items VALIDATE CONSTRAINT items_remark_set;

ALTER TABLE items VALIDATE CONSTRAINT positive;

ALTER TABLE items ALTER COLUMN remark SET NOT NULL;

ALTER TABLE items DROP CONSTRAINT items_remark_set;

-- rollback
ALTER TABLE items DROP CONSTRAINT positive;

ALTER TABLE items
    ALTER COLUMN remark DROP DEFAULT,
    ALTER COLUMN remark DROP NOT NULL,
    ALTER COLUMN quantity TYPE INTEGER USING quantity::INTEGER;

ALTER TABLE items ADD CONSTRAINT positive CHECK (quantity > 0) NOT VALID;

ALTER TABLE items VALIDATE CONSTRAINT positive;

ALTER TABLE items RENAME COLUMN remark TO note;

ALTER TABLE items RENAME COLUMN quantity TO amount;
