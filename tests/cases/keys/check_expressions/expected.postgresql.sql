-- upgrade
CREATE TABLE users (
    id SERIAL,
    email VARCHAR(120) NOT NULL,
    age INTEGER,
    PRIMARY KEY (id),
    CONSTRAINT ck_between CHECK (age BETWEEN 1 AND 9 OR age IS NULL),
    CONSTRAINT ck_case CHECK (CASE WHEN age > 3 THEN email <> '' ELSE true END),
    CONSTRAINT ck_coalesce CHECK (coalesce(age, 0) + 1 > 0),
    CONSTRAINT ck_in CHECK (age IN (1, 2, 3)),
    CONSTRAINT ck_like CHECK (email LIKE '%@%'),
    CONSTRAINT ck_not CHECK (NOT (age = 5) AND email != 'x')
);

-- rollback
DROP TABLE users;
