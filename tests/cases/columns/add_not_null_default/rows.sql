INSERT INTO users (id, email, age) VALUES (1, 'ann@example.org', 31);
INSERT INTO users (id, email, age) VALUES (2, 'bob%s:x@example.org', NULL);
