-- renames: table users:people

-- upgrade
ALTER TABLE users RENAME TO people;

-- rollback
ALTER TABLE people RENAME TO users;
