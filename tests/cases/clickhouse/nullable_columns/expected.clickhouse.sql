-- upgrade
ALTER TABLE notes
    MODIFY COLUMN a String DEFAULT 'none',
    MODIFY COLUMN b Nullable(Int64),
    MODIFY COLUMN c LowCardinality(String) DEFAULT '',
    MODIFY COLUMN d Nullable(String);

-- rollback
ALTER TABLE notes MODIFY COLUMN d String DEFAULT defaultValueOfTypeName('String');

ALTER TABLE notes
    MODIFY COLUMN d REMOVE DEFAULT,
    MODIFY COLUMN c REMOVE DEFAULT;

ALTER TABLE notes
    MODIFY COLUMN c LowCardinality(Nullable(String)),
    MODIFY COLUMN b Nullable(Int32),
    MODIFY COLUMN a REMOVE DEFAULT;

ALTER TABLE notes MODIFY COLUMN a Nullable(String);
