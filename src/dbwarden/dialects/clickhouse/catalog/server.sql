-- The server, its current database with that database's engine, and whether it has a Keeper: ``KeeperMap`` tables need one.
SELECT
    version(),
    currentDatabase(),
    (SELECT engine FROM system.databases WHERE name = currentDatabase()),
    timezone(),
    (SELECT value FROM system.settings WHERE name = 'flatten_nested')
