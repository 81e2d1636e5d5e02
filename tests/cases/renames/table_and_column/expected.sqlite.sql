-- renames: table users:people, people.email:mail

-- upgrade
ALTER TABLE users RENAME TO people;

ALTER TABLE people RENAME COLUMN email TO mail;

CREATE UNIQUE INDEX ix_people_mail ON people (mail);

DROP INDEX ix_users_email;

-- rollback
CREATE UNIQUE INDEX ix_users_email ON people (mail);

DROP INDEX ix_people_mail;

ALTER TABLE people RENAME COLUMN mail TO email;

ALTER TABLE people RENAME TO users;
