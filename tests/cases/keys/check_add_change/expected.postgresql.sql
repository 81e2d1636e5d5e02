-- upgrade
ALTER TABLE users ADD CONSTRAINT ck_email CHECK (email <> '') NOT VALID;

ALTER TABLE users
    DROP CONSTRAINT ck_age,
    ADD CONSTRAINT ck_age CHECK (age > 1 AND age < 150) NOT VALID;

ALTER TABLE users VALIDATE CONSTRAINT ck_email;

ALTER TABLE users VALIDATE CONSTRAINT ck_age;

ALTER TABLE users DROP CONSTRAINT users_email_check;

-- rollback
ALTER TABLE users ADD CONSTRAINT users_email_check CHECK (length((email)::text) > 3) NOT VALID;

ALTER TABLE users
    DROP CONSTRAINT ck_age,
    ADD CONSTRAINT ck_age CHECK (age > 0) NOT VALID;

ALTER TABLE users VALIDATE CONSTRAINT users_email_check;

ALTER TABLE users VALIDATE CONSTRAINT ck_age;

ALTER TABLE users DROP CONSTRAINT ck_email;
