-- upgrade
DROP TRIGGER entered ON names;

DROP MATERIALIZED VIEW by_age;

DROP MATERIALIZED VIEW of_names;

DROP VIEW ages;

DROP VIEW gone;

DROP VIEW kept;

DROP VIEW names;

ALTER TABLE users ALTER COLUMN age TYPE BIGINT;

CREATE OR REPLACE VIEW active_users AS
SELECT users.id, users.name
FROM users
WHERE users.active IS NOT false;

COMMENT ON VIEW active_users IS 'those who may log in';

ALTER TABLE users ADD COLUMN email VARCHAR(80);

CREATE VIEW ages AS
SELECT id, age FROM users;

CREATE VIEW emails AS
SELECT users.email
FROM users;

CREATE VIEW kept WITH (security_barrier) AS
SELECT id FROM users WHERE age BETWEEN 18 AND 65;

CREATE VIEW names AS
SELECT name, count(*) AS n FROM active_users GROUP BY name;

CREATE VIEW of_emails AS
SELECT lower(email) AS email FROM emails;

COMMENT ON VIEW of_emails IS 'folded';

CREATE MATERIALIZED VIEW by_age AS
SELECT age, count(*) AS n FROM users GROUP BY age;

CREATE UNIQUE INDEX by_age_age ON public.by_age USING btree (age);

CREATE INDEX by_age_n ON public.by_age USING btree (n DESC);

CREATE MATERIALIZED VIEW of_names AS
SELECT name FROM names;

CREATE TRIGGER entered INSTEAD OF INSERT ON names FOR EACH ROW EXECUTE FUNCTION entered();

COMMENT ON TRIGGER entered ON names IS 'for names';

-- rollback
DROP TRIGGER entered ON names;

DROP MATERIALIZED VIEW of_names;

DROP MATERIALIZED VIEW by_age;

DROP VIEW of_emails;

DROP VIEW names;

DROP VIEW kept;

DROP VIEW emails;

DROP VIEW ages;

ALTER TABLE users DROP COLUMN email;

CREATE OR REPLACE VIEW active_users AS
 SELECT users.id,
    users.name
   FROM users
  WHERE users.active;

COMMENT ON VIEW active_users IS 'who may log in';

ALTER TABLE users ALTER COLUMN age TYPE INTEGER;

CREATE VIEW names AS
 SELECT DISTINCT active_users.name
   FROM active_users;

CREATE VIEW kept WITH (security_barrier=true) AS
 SELECT users.id
   FROM users
  WHERE ((users.age >= 18) AND (users.age <= 65));

CREATE VIEW gone AS
 SELECT count(*) AS n
   FROM kept;

CREATE VIEW ages AS
 SELECT users.id,
    users.age
   FROM users;

CREATE MATERIALIZED VIEW of_names AS
 SELECT names.name
   FROM names;

CREATE MATERIALIZED VIEW by_age AS
 SELECT users.age,
    count(*) AS n
   FROM users
  GROUP BY users.age;

CREATE UNIQUE INDEX by_age_age ON public.by_age USING btree (age);

CREATE TRIGGER entered INSTEAD OF INSERT ON public.names FOR EACH ROW EXECUTE FUNCTION entered();

COMMENT ON TRIGGER entered ON names IS 'for names';
