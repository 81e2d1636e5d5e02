-- upgrade
DROP VIEW gone;

ALTER TABLE users
    MODIFY COLUMN age BIGINT,
    ALGORITHM=COPY, LOCK=SHARED;

ALTER TABLE users
    ADD COLUMN email VARCHAR(80),
    ALGORITHM=INSTANT;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW active_users AS
SELECT users.id, users.name
FROM users
WHERE users.active IS NOT false;

CREATE OR REPLACE VIEW adults AS
SELECT id, age FROM users WHERE age >= 21
WITH CASCADED CHECK OPTION;

CREATE OR REPLACE VIEW names AS
SELECT name, count(*) AS n FROM active_users GROUP BY name;

CREATE VIEW emails AS
SELECT users.email
FROM users;

CREATE VIEW of_emails AS
SELECT lower(email) AS email FROM emails;

-- rollback
DROP VIEW of_emails;

DROP VIEW emails;

CREATE OR REPLACE VIEW names AS
select distinct `active_users`.`name` AS `name` from `active_users`;

CREATE OR REPLACE VIEW adults AS
select `users`.`id` AS `id`,`users`.`age` AS `age` from `users` where (`users`.`age` >= 18)
WITH LOCAL CHECK OPTION;

CREATE OR REPLACE VIEW active_users AS
select `users`.`id` AS `id`,`users`.`name` AS `name` from `users` where (`users`.`active` = 1);

ALTER TABLE users
    DROP COLUMN email,
    ALGORITHM=INSTANT;

ALTER TABLE users
    MODIFY COLUMN age INT,
    ALGORITHM=COPY, LOCK=SHARED;

CREATE VIEW gone AS
select count(0) AS `n` from `names`;
