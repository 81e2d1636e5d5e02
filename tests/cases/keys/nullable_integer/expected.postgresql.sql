-- upgrade
ALTER TABLE notes ALTER COLUMN text TYPE TEXT;

CREATE TABLE tags (
    id SERIAL,
    word TEXT,
    PRIMARY KEY (id)
);

-- rollback
DROP TABLE tags;

ALTER TABLE notes ALTER COLUMN text TYPE VARCHAR(20);
