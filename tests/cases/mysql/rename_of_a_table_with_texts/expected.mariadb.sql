-- renames: table users:people, people.level:grade, view high:highest, index people.ix_users_level:ix_people_grade

-- upgrade
RENAME TABLE users TO people;

ALTER TABLE people
    RENAME COLUMN level TO grade,
    ALGORITHM=INSTANT;

RENAME TABLE high TO highest;

ALTER TABLE people
    RENAME INDEX ix_users_level TO ix_people_grade,
    ALGORITHM=INSTANT;

CREATE OR REPLACE FUNCTION total() RETURNS INT READS SQL DATA RETURN (SELECT sum(grade) FROM people);

CREATE OR REPLACE VIEW levels AS
SELECT id, grade AS level FROM people;

CREATE OR REPLACE VIEW top AS
SELECT max(id) AS id FROM highest;

CREATE OR REPLACE PROCEDURE tidy() DELETE FROM people WHERE grade < 0;

CREATE OR REPLACE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 03:00:00' DISABLE DO DELETE FROM people;

CREATE OR REPLACE TRIGGER noted AFTER UPDATE ON people FOR EACH ROW INSERT INTO log (level) SELECT grade FROM people;

-- rollback
ALTER TABLE people
    RENAME INDEX ix_people_grade TO ix_users_level,
    ALGORITHM=INSTANT;

RENAME TABLE highest TO high;

ALTER TABLE people
    RENAME COLUMN grade TO level,
    ALGORITHM=INSTANT;

RENAME TABLE people TO users;

CREATE OR REPLACE TRIGGER noted AFTER UPDATE ON users
FOR EACH ROW INSERT INTO log (level) SELECT level FROM users;

CREATE OR REPLACE EVENT nightly
    ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 03:00:00'
    DISABLE
    DO DELETE FROM users;

CREATE OR REPLACE PROCEDURE tidy()
DELETE FROM users WHERE level < 0;

CREATE OR REPLACE VIEW top AS
select max(`high`.`id`) AS `id` from `high`;

CREATE OR REPLACE VIEW levels AS
select `users`.`id` AS `id`,`users`.`level` AS `level` from `users`;

CREATE OR REPLACE FUNCTION total() RETURNS int(11)
    READS SQL DATA
RETURN (SELECT sum(level) FROM users);
