-- The server, and the settings that decide what a definition means. Default collations are listed where their name does not
-- follow from that of the charset.
SELECT
    VERSION(),
    @@version_comment,
    DATABASE(),
    (
        SELECT s.DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA s WHERE s.SCHEMA_NAME = DATABASE()
    ),
    @@lower_case_table_names,
    @@sql_mode,
    @@explicit_defaults_for_timestamp,
    @@default_storage_engine,
    @@innodb_default_row_format,
    (
        SELECT GROUP_CONCAT(c.CHARACTER_SET_NAME, '=', c.DEFAULT_COLLATE_NAME ORDER BY c.CHARACTER_SET_NAME)
        FROM information_schema.CHARACTER_SETS c
        WHERE c.DEFAULT_COLLATE_NAME <> CONCAT(c.CHARACTER_SET_NAME, '_general_ci')
    )
