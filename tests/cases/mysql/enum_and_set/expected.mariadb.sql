-- upgrade
ALTER TABLE shirts
    MODIFY COLUMN colour ENUM('red', 'green', 'it''s blue'),
    ALGORITHM=COPY, LOCK=SHARED;

ALTER TABLE shirts
    MODIFY COLUMN size ENUM('small', 'large', 'huge') NOT NULL DEFAULT 'large',
    MODIFY COLUMN tags SET('new', 'sale', 'last'),
    ALGORITHM=INSTANT;

-- rollback
ALTER TABLE shirts
    MODIFY COLUMN tags SET('new', 'sale'),
    MODIFY COLUMN size ENUM('small', 'large') NOT NULL DEFAULT 'small',
    MODIFY COLUMN colour ENUM('red', 'it''s blue'),
    ALGORITHM=COPY, LOCK=SHARED;
