-- upgrade
CREATE TABLE users (
    id SERIAL,
    email VARCHAR(120) NOT NULL,
    age INTEGER,
    PRIMARY KEY (id)
);

CREATE TABLE posts (
    id SERIAL,
    author_id INTEGER NOT NULL,
    title VARCHAR(200) DEFAULT 'untitled' NOT NULL,
    body TEXT,
    published BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT uq_posts_author_title UNIQUE (author_id, title),
    CONSTRAINT ck_posts_title CHECK (length(title) > 0),
    FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX ix_posts_author_id ON posts (author_id);

-- rollback
DROP TABLE posts;

DROP TABLE users;
