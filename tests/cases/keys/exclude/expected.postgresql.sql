-- upgrade
ALTER TABLE users ADD CONSTRAINT ex_age EXCLUDE USING gist (int4range(age, age + 1) WITH &&) WHERE (age IS NOT NULL);

-- rollback
ALTER TABLE users DROP CONSTRAINT ex_age;
