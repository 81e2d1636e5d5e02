-- upgrade
CREATE TYPE mood AS ENUM ('sad', 'ok');

CREATE TABLE moods (
    id SERIAL,
    mood mood DEFAULT 'ok' NOT NULL,
    old mood[],
    PRIMARY KEY (id)
);

-- rollback
DROP TABLE moods;

DROP TYPE mood;
