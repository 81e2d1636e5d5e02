-- expect: WARN unique users_email_key builds its index
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);
-- expect: WARN primary key
ALTER TABLE users ADD PRIMARY KEY (id);
-- expect: WARN unique column nick
ALTER TABLE users ADD COLUMN nick text UNIQUE;
-- ok
CREATE UNIQUE INDEX CONCURRENTLY u ON users (email);
-- ok
ALTER TABLE users ADD CONSTRAINT u UNIQUE USING INDEX u;
-- ok: made here
CREATE TABLE fresh (id integer);
-- ok
ALTER TABLE fresh ADD UNIQUE NULLS NOT DISTINCT (id);
