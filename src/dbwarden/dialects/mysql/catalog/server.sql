-- The server, and the settings that decide what a definition means. The last one lists default collations that differ from
-- those of the version.
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
    CONCAT(/*M!110200 @@character_set_collations, */ /*!80011 'utf8mb4=', @@default_collation_for_utf8mb4, */ '')
