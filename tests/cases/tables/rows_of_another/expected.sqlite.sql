-- upgrade
CREATE TABLE members (
    id INTEGER NOT NULL PRIMARY KEY,
    name VARCHAR(20) NOT NULL,
    since DATE,
    team VARCHAR(20) NOT NULL,
    score INTEGER,
    rank INTEGER
);

-- Move data here: from people, dropped below, to members.
-- INSERT INTO members (name, team) SELECT name, ... FROM people;
DROP TABLE people;

-- rollback
CREATE TABLE people (
    id INTEGER NOT NULL PRIMARY KEY,
    name VARCHAR(20) NOT NULL,
    mail VARCHAR(40)
);

-- Move data here: from members, dropped below, to people.
-- INSERT INTO people (name) SELECT name FROM members;
DROP TABLE members;
