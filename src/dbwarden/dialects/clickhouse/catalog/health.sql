-- The account, the clock, and whether the account's settings allow DDL. The setting readonly is ours for this session.
SELECT currentUser(),
       currentDatabase(),
       toUnixTimestamp(now()),
       (SELECT value FROM system.settings WHERE name = 'allow_ddl')
