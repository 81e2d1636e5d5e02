-- upgrade
ALTER TABLE samples COMMENT COLUMN at 'it\'s when';

ALTER TABLE samples
    MODIFY COLUMN at CODEC(ZSTD(3)),
    MODIFY COLUMN text REMOVE TTL,
    MODIFY COLUMN value CODEC(Gorilla(8), LZ4);

ALTER TABLE samples MODIFY COLUMN value TTL at + toIntervalYear(80);

-- rollback
ALTER TABLE samples MODIFY COLUMN value REMOVE CODEC;

ALTER TABLE samples
    MODIFY COLUMN value REMOVE TTL,
    MODIFY COLUMN text TTL at + toIntervalYear(90);

ALTER TABLE samples COMMENT COLUMN at 'when';

ALTER TABLE samples MODIFY COLUMN at CODEC(DoubleDelta(4), LZ4);
