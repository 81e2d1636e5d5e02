-- upgrade
ALTER TABLE notes
    MODIFY COLUMN a String DEFAULT 'none',
    MODIFY COLUMN b Nullable(Int64),
    MODIFY COLUMN c LowCardinality(String) DEFAULT '',
    MODIFY COLUMN d Nullable(String);

ALTER TABLE notes UPDATE e = id + 1 WHERE e IS NULL;

ALTER TABLE notes MODIFY COLUMN e UInt32 DEFAULT defaultValueOfTypeName('UInt32');

ALTER TABLE notes MODIFY COLUMN e DEFAULT id + 1;

-- rollback
ALTER TABLE notes MODIFY COLUMN e REMOVE DEFAULT;

ALTER TABLE notes
    MODIFY COLUMN e Nullable(Int64),
    MODIFY COLUMN d String DEFAULT defaultValueOfTypeName('String');

ALTER TABLE notes
    MODIFY COLUMN d REMOVE DEFAULT,
    MODIFY COLUMN c REMOVE DEFAULT;

ALTER TABLE notes
    MODIFY COLUMN c LowCardinality(Nullable(String)),
    MODIFY COLUMN b Nullable(Int32),
    MODIFY COLUMN a REMOVE DEFAULT;

ALTER TABLE notes MODIFY COLUMN a Nullable(String);
