-- upgrade
CREATE TABLE users (
    id INTEGER NOT NULL PRIMARY KEY,
    email VARCHAR(120) NOT NULL,
    age INTEGER
);

CREATE TABLE posts (
    id INTEGER NOT NULL PRIMARY KEY,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title VARCHAR(200) DEFAULT 'untitled' NOT NULL CONSTRAINT ck_posts_title CHECK (length(title) > 0),
    body TEXT,
    published BOOLEAN NOT NULL,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT uq_posts_author_title UNIQUE (author_id, title)
);

CREATE INDEX ix_posts_author_id ON posts (author_id);

-- rollback
DROP TABLE posts;

DROP TABLE users;
