-- renames: table users:people, people.level:rank

-- upgrade
DROP VIEW logged;

ALTER TABLE users RENAME TO people;

ALTER TABLE people RENAME COLUMN level TO rank;

CREATE VIEW logged AS
SELECT log.id FROM levels JOIN log ON log.level = levels.level;

-- rollback
DROP VIEW logged;

ALTER TABLE people RENAME COLUMN rank TO level;

ALTER TABLE people RENAME TO users;

CREATE VIEW logged AS
SELECT log.id FROM levels JOIN log ON log.level = levels.level;
