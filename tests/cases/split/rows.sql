INSERT INTO users (id, email, country, phone, manager_id) VALUES (1, 'a@example.org', NULL, '123', NULL);
INSERT INTO users (id, email, country, phone, manager_id) VALUES (2, 'b@example.org', 'FR', NULL, 1);
INSERT INTO orders (id, user_id, total) VALUES (1, 1, 10);
