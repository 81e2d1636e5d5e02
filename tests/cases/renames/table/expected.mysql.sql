-- renames: table users:people

-- upgrade
RENAME TABLE users TO people;

-- rollback
RENAME TABLE people TO users;
