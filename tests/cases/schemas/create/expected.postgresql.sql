-- upgrade
CREATE SCHEMA audit;

CREATE TYPE audit.kind AS ENUM ('in', 'out');

CREATE TABLE audit.log (
    id SERIAL,
    user_id INTEGER,
    kind audit.kind,
    PRIMARY KEY (id),
    FOREIGN KEY (user_id) REFERENCES users (id)
);

CREATE TABLE ref (
    id SERIAL,
    log_id INTEGER,
    PRIMARY KEY (id),
    FOREIGN KEY (log_id) REFERENCES audit.log (id)
);

-- rollback
DROP TABLE ref;

DROP TABLE audit.log;

DROP TYPE audit.kind;

DROP SCHEMA audit;
