-- renames: users.email:mail

-- upgrade
ALTER TABLE users RENAME COLUMN email TO mail;

-- rollback
ALTER TABLE users RENAME COLUMN mail TO email;
