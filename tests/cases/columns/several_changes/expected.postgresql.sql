-- upgrade
ALTER TABLE colours ADD COLUMN new TEXT;

ALTER TABLE items ADD COLUMN added VARCHAR(10) DEFAULT 'x' NOT NULL;

-- Move data here: from colours (old), dropped below, to colours (new).
-- UPDATE colours SET new = ...;
-- Move data here: from items (obsolete), dropped below, to items (added).
-- UPDATE items SET added = ...;
ALTER TABLE colours ADD CONSTRAINT colours_shade_set CHECK (shade IS NOT NULL) NOT VALID;

ALTER TABLE items
    ALTER COLUMN amount SET DEFAULT '2',
    ALTER COLUMN code TYPE VARCHAR(40),
    ALTER COLUMN code SET DEFAULT '00',
    ALTER COLUMN label TYPE TEXT,
    ALTER COLUMN label DROP NOT NULL,
    ALTER COLUMN note DROP DEFAULT,
    ALTER COLUMN size TYPE BIGINT;

ALTER TABLE items ADD CONSTRAINT items_size_set CHECK (size IS NOT NULL) NOT VALID;

ALTER TABLE colours DROP COLUMN old;

ALTER TABLE items DROP COLUMN obsolete;

ALTER TABLE colours VALIDATE CONSTRAINT colours_shade_set;

ALTER TABLE items VALIDATE CONSTRAINT items_size_set;

ALTER TABLE colours ALTER COLUMN shade SET NOT NULL;

ALTER TABLE colours DROP CONSTRAINT colours_shade_set;

ALTER TABLE items ALTER COLUMN size SET NOT NULL;

ALTER TABLE items DROP CONSTRAINT items_size_set;

-- rollback
ALTER TABLE items ADD COLUMN obsolete INTEGER;

ALTER TABLE colours ADD COLUMN old INTEGER;

-- Move data here: from colours (new), dropped below, to colours (old).
-- UPDATE colours SET old = ...;
-- Move data here: from items (added), dropped below, to items (obsolete).
-- UPDATE items SET obsolete = ...;
ALTER TABLE items
    ALTER COLUMN size TYPE INTEGER,
    ALTER COLUMN size DROP NOT NULL,
    ALTER COLUMN note SET DEFAULT 'none'::text,
    ALTER COLUMN label TYPE VARCHAR(20);

ALTER TABLE items ADD CONSTRAINT items_label_set CHECK (label IS NOT NULL) NOT VALID;

ALTER TABLE items
    ALTER COLUMN code TYPE VARCHAR(20),
    ALTER COLUMN code SET DEFAULT '0'::character varying,
    ALTER COLUMN amount SET DEFAULT 1;

ALTER TABLE colours
    ALTER COLUMN shade DROP NOT NULL,
    DROP COLUMN new;

ALTER TABLE items DROP COLUMN added;

ALTER TABLE items VALIDATE CONSTRAINT items_label_set;

ALTER TABLE items ALTER COLUMN label SET NOT NULL;

ALTER TABLE items DROP CONSTRAINT items_label_set;
