-- A sample of every kind of object that DBWarden knows on MariaDB.
CREATE TABLE users (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    email VARCHAR(120) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    feeling ENUM('glad', 'sad') NOT NULL DEFAULT 'glad',
    level INT NOT NULL DEFAULT 1 COMMENT 'from 1 on',
    about TEXT,
    changed TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    initial VARCHAR(1) GENERATED ALWAYS AS (left(email, 1)) STORED,
    UNIQUE KEY users_email (email),
    KEY users_level (level DESC),
    FULLTEXT KEY users_about (about),
    CONSTRAINT above_zero CHECK (level > 0)
) COMMENT = 'who may log in';
CREATE TABLE orders (
    number BIGINT NOT NULL PRIMARY KEY,
    user_id BIGINT UNSIGNED,
    title VARCHAR(200) NOT NULL,
    KEY orders_user (user_id),
    CONSTRAINT orders_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL
);
CREATE TABLE log (at DATETIME(6), line TEXT);
CREATE TABLE events (id BIGINT NOT NULL, at DATE NOT NULL, PRIMARY KEY (id, at))
PARTITION BY RANGE COLUMNS (at) (
    PARTITION p2025 VALUES LESS THAN ('2026-01-01'),
    PARTITION rest VALUES LESS THAN (MAXVALUE)
);
CREATE VIEW glad_users AS SELECT id, email FROM users WHERE feeling = 'glad';
CREATE VIEW totals AS SELECT u.id, count(o.number) AS orders FROM glad_users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id;
CREATE FUNCTION doubled(n int(11)) RETURNS int(11) DETERMINISTIC RETURN n * 2;
CREATE PROCEDURE tidy(before_day date, OUT n int(11))
BEGIN
    DELETE FROM events WHERE at < before_day;

    SET n = 0;
END;
CREATE TRIGGER noted BEFORE UPDATE ON users FOR EACH ROW
BEGIN
    INSERT INTO log (line) VALUES (concat(OLD.email, '; ', NEW.email));
    SET NEW.level = greatest(NEW.level, 1);
END;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 03:00:00' DISABLE COMMENT 'at night' DO DELETE FROM log WHERE at < now() - INTERVAL 1 YEAR;
CREATE SEQUENCE tickets START WITH 1000 INCREMENT BY 10;
CREATE AGGREGATE FUNCTION total(n int(11)) RETURNS int(11)
BEGIN
    DECLARE sum INT DEFAULT 0;
    DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN sum;
    LOOP
        FETCH GROUP NEXT ROW;
        SET sum = sum + n;
    END LOOP;
END;
