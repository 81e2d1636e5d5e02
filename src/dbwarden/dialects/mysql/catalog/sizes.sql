-- Estimated rows, and bytes without and with indexes.
SELECT t.TABLE_NAME, t.TABLE_ROWS, t.DATA_LENGTH, t.DATA_LENGTH + t.INDEX_LENGTH
FROM information_schema.TABLES t
WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
