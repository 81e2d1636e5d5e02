-- The SQL functions of the server: they belong to no database.
SELECT name, create_query FROM system.functions WHERE origin = 'SQLUserDefined' ORDER BY name
