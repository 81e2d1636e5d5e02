-- upgrade
DROP TABLE notes;

-- rollback
CREATE TABLE notes (
    id INTEGER NOT NULL PRIMARY KEY,
    user_id INTEGER REFERENCES users (id)
);
