INSERT INTO users (id, name) VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO posts (id, author_id, parent_id) VALUES (1, 1, NULL), (2, 1, 1);
