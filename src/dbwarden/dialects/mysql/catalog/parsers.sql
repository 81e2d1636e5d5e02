-- Parsers of FULLTEXT indexes that the server has.
SELECT p.PLUGIN_NAME FROM information_schema.PLUGINS p WHERE p.PLUGIN_TYPE = 'FTPARSER' AND p.PLUGIN_STATUS = 'ACTIVE'
