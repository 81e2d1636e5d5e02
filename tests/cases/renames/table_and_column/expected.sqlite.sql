-- renames: table users:people, people.email:mail

-- upgrade
ALTER TABLE users RENAME TO people;

ALTER TABLE people RENAME COLUMN email TO mail;

DROP INDEX ix_users_email;

CREATE UNIQUE INDEX ix_people_mail ON people (mail);

-- rollback
DROP INDEX ix_people_mail;

CREATE UNIQUE INDEX ix_users_email ON people (mail);

ALTER TABLE people RENAME COLUMN mail TO email;

ALTER TABLE people RENAME TO users;
