-- file: 0001_users.sql
-- proven: postgresql 15.18, upgrade/rollback/upgrade, schema exact; digest 0123456789abcdef

-- upgrade
-- expect: WARN line 1 the proof in the header is stale
CREATE TABLE users (id integer);

-- rollback
DROP TABLE users;

-- next: an older version wrote it
-- file: 0001_users.sql
-- proven: postgresql 15.18, upgrade/rollback/upgrade, schema exact

-- upgrade
-- expect: INFO line 1 carries no digest
CREATE TABLE users (id integer);

-- rollback
DROP TABLE users;

-- next: as it was proven, with another comment
-- file: 0001_users.sql
-- proven: postgresql 15.18, upgrade/rollback/upgrade, schema exact; digest 447cd1af5e60afee

-- upgrade
-- ok: people
CREATE  TABLE users (id integer);

-- rollback
DROP TABLE users;

-- next: nothing is claimed
-- file: 0001_users.sql
-- unproven: it is large

-- upgrade
CREATE TABLE users (id integer);

-- rollback
DROP TABLE users;
