INSERT INTO users (id, email, name) VALUES (1, 'a@example.org', 'Ann'), (2, 'b@example.org', NULL);
