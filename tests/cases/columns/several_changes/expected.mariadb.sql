-- upgrade
ALTER TABLE colours
    ADD COLUMN new TEXT AFTER shade,
    ALGORITHM=INSTANT;

ALTER TABLE colours
    MODIFY COLUMN shade INT NOT NULL,
    ALGORITHM=INPLACE, LOCK=NONE;

ALTER TABLE items
    ADD COLUMN added VARCHAR(10) NOT NULL DEFAULT 'x' AFTER amount,
    ALGORITHM=INSTANT;

-- Move data here: from colours (old), dropped below, to colours (new).
-- UPDATE colours SET new = ...;
-- Move data here: from items (obsolete), dropped below, to items (added).
-- UPDATE items SET added = ...;
ALTER TABLE items
    ALTER COLUMN amount SET DEFAULT 2,
    MODIFY COLUMN note TEXT,
    DROP COLUMN obsolete,
    MODIFY COLUMN code VARCHAR(40) DEFAULT '00',
    ALGORITHM=INSTANT;

ALTER TABLE items
    MODIFY COLUMN label TEXT,
    MODIFY COLUMN size BIGINT NOT NULL,
    ALGORITHM=COPY, LOCK=SHARED;

ALTER TABLE colours
    DROP COLUMN old,
    ALGORITHM=INSTANT;

-- rollback
ALTER TABLE colours
    ADD COLUMN old INT AFTER shade,
    ALGORITHM=INSTANT;

ALTER TABLE items
    MODIFY COLUMN size INT,
    MODIFY COLUMN label VARCHAR(20) NOT NULL,
    MODIFY COLUMN code VARCHAR(20) DEFAULT '0',
    ALGORITHM=COPY, LOCK=SHARED;

ALTER TABLE items
    ADD COLUMN obsolete INT AFTER amount,
    ALGORITHM=INSTANT;

-- Move data here: from colours (new), dropped below, to colours (old).
-- UPDATE colours SET old = ...;
-- Move data here: from items (added), dropped below, to items (obsolete).
-- UPDATE items SET obsolete = ...;
ALTER TABLE items
    ALTER COLUMN note SET DEFAULT 'none',
    ALTER COLUMN amount SET DEFAULT 1,
    DROP COLUMN added,
    ALGORITHM=INSTANT;

ALTER TABLE colours
    MODIFY COLUMN shade INT,
    ALGORITHM=INPLACE, LOCK=NONE;

ALTER TABLE colours
    DROP COLUMN new,
    ALGORITHM=INSTANT;
