-- Privileges of the account itself on the server (scope '*') and on databases (scope: a pattern of their names).
SELECT '*' AS scope, privilege_type
FROM information_schema.user_privileges
WHERE grantee = :grantee
UNION ALL
SELECT table_schema, privilege_type
FROM information_schema.schema_privileges
WHERE grantee = :grantee
