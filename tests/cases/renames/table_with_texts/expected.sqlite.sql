-- renames: table users:people, people.level:rank

-- upgrade
ALTER TABLE users RENAME TO people;

ALTER TABLE people RENAME COLUMN level TO rank;

-- rollback
ALTER TABLE people RENAME COLUMN rank TO level;

ALTER TABLE people RENAME TO users;
