-- renames: table users:people, people.level:grade, view high:highest, index people.ix_users_level:ix_people_grade

-- upgrade
RENAME TABLE users TO people;

ALTER TABLE people
    RENAME COLUMN level TO grade,
    ALGORITHM=INSTANT;

RENAME TABLE high TO highest;

ALTER TABLE people
    RENAME INDEX ix_users_level TO ix_people_grade,
    ALGORITHM=INPLACE, LOCK=NONE;

-- MySQL cannot replace a function: statements that call it between DROP and CREATE fail.
DROP FUNCTION total;

CREATE FUNCTION total() RETURNS INT READS SQL DATA RETURN (SELECT sum(grade) FROM people);

CREATE OR REPLACE VIEW levels AS
SELECT id, grade AS level FROM people;

CREATE OR REPLACE VIEW top AS
SELECT max(id) AS id FROM highest;

-- MySQL cannot replace a procedure: calls between DROP and CREATE fail.
DROP PROCEDURE tidy;

CREATE PROCEDURE tidy() DELETE FROM people WHERE grade < 0;

ALTER EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 03:00:00' DISABLE DO DELETE FROM people;

-- MySQL cannot replace a trigger: rows written between DROP and CREATE miss it.
DROP TRIGGER noted;

CREATE TRIGGER noted AFTER UPDATE ON people FOR EACH ROW INSERT INTO log (level) SELECT grade FROM people;

-- rollback
ALTER TABLE people
    RENAME INDEX ix_people_grade TO ix_users_level,
    ALGORITHM=INPLACE, LOCK=NONE;

RENAME TABLE highest TO high;

ALTER TABLE people
    RENAME COLUMN grade TO level,
    ALGORITHM=INSTANT;

RENAME TABLE people TO users;

-- MySQL cannot replace a trigger: rows written between DROP and CREATE miss it.
DROP TRIGGER noted;

CREATE TRIGGER noted AFTER UPDATE ON users
FOR EACH ROW INSERT INTO log (level) SELECT level FROM users;

ALTER EVENT nightly
    ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 03:00:00'
    DISABLE
    DO DELETE FROM users;

-- MySQL cannot replace a procedure: calls between DROP and CREATE fail.
DROP PROCEDURE tidy;

CREATE PROCEDURE tidy()
DELETE FROM users WHERE level < 0;

CREATE OR REPLACE VIEW top AS
select max(`high`.`id`) AS `id` from `high`;

CREATE OR REPLACE VIEW levels AS
select `users`.`id` AS `id`,`users`.`level` AS `level` from `users`;

-- MySQL cannot replace a function: statements that call it between DROP and CREATE fail.
DROP FUNCTION total;

CREATE FUNCTION total() RETURNS int
    READS SQL DATA
RETURN (SELECT sum(level) FROM users);
