-- upgrade
CREATE TABLE big (
    id BIGSERIAL,
    PRIMARY KEY (id)
);

CREATE TABLE none (
    id INTEGER NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE small (
    id SMALLSERIAL,
    PRIMARY KEY (id)
);

-- rollback
DROP TABLE small;

DROP TABLE none;

DROP TABLE big;
