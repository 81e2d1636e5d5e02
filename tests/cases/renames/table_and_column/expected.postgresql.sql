-- renames: table users:people, people.email:mail, index people.ix_users_email:ix_people_mail

-- upgrade
ALTER TABLE users RENAME TO people;

ALTER TABLE people RENAME COLUMN email TO mail;

ALTER INDEX ix_users_email RENAME TO ix_people_mail;

-- rollback
ALTER INDEX ix_people_mail RENAME TO ix_users_email;

ALTER TABLE people RENAME COLUMN mail TO email;

ALTER TABLE people RENAME TO users;
