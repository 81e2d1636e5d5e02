-- upgrade
DROP TABLE moods;

DROP TYPE mood;

-- rollback
CREATE TYPE mood AS ENUM ('sad', 'ok');

CREATE TABLE moods (
    id SERIAL,
    mood mood DEFAULT 'ok'::mood NOT NULL,
    old mood[],
    CONSTRAINT moods_pkey PRIMARY KEY (id)
);
