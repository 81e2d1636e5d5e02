-- upgrade
CREATE TABLE users (
    id SERIAL,
    email VARCHAR(120) NOT NULL,
    age INTEGER,
    PRIMARY KEY (id)
);

CREATE INDEX ix_desc ON users (age DESC, email);

CREATE INDEX ix_lower ON users (lower(email));

CREATE INDEX ix_partial ON users (age) WHERE age > 18;

-- rollback
DROP TABLE users;
