-- upgrade
DROP TABLE notes;

-- rollback
CREATE TABLE notes (
    id SERIAL,
    user_id INTEGER,
    CONSTRAINT notes_pkey PRIMARY KEY (id),
    CONSTRAINT notes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
);
