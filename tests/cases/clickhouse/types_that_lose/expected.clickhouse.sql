-- upgrade
ALTER TABLE readings
    MODIFY COLUMN at DateTime64(3),
    MODIFY COLUMN large UInt32,
    MODIFY COLUMN price Decimal(10, 2),
    MODIFY COLUMN tags String;

-- rollback
ALTER TABLE readings
    MODIFY COLUMN tags Array(String),
    MODIFY COLUMN price Decimal(18, 4),
    MODIFY COLUMN large UInt64,
    MODIFY COLUMN at DateTime64(6);
