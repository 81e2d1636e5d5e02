-- upgrade
CREATE TABLE members (
    id SERIAL,
    name VARCHAR(20) NOT NULL,
    since DATE,
    team VARCHAR(20) NOT NULL,
    score INTEGER,
    rank INTEGER,
    PRIMARY KEY (id)
);

-- Move data here: from people, dropped below, to members.
-- INSERT INTO members (name, team) SELECT name, ... FROM people;
DROP TABLE people;

-- rollback
CREATE TABLE people (
    id SERIAL,
    name VARCHAR(20) NOT NULL,
    mail VARCHAR(40),
    CONSTRAINT people_pkey PRIMARY KEY (id)
);

-- Move data here: from members, dropped below, to people.
-- INSERT INTO people (name) SELECT name FROM members;
DROP TABLE members;
