-- upgrade
ALTER TABLE readings
    MODIFY COLUMN at DateTime64(3),
    MODIFY COLUMN kind LowCardinality(String),
    MODIFY COLUMN price Decimal(18, 4),
    MODIFY COLUMN small Int64,
    MODIFY COLUMN state Enum8('NEW' = 1, 'PAID' = 2, 'SENT' = 3),
    MODIFY COLUMN tags Array(LowCardinality(String));

-- rollback
ALTER TABLE readings
    MODIFY COLUMN tags Array(String),
    MODIFY COLUMN state Enum8('NEW' = 1, 'PAID' = 2),
    MODIFY COLUMN small Int16,
    MODIFY COLUMN price Decimal(10, 2),
    MODIFY COLUMN kind String,
    MODIFY COLUMN at DateTime;
