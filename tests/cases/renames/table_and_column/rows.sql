INSERT INTO users (id, email, invited_by) VALUES (1, 'a', NULL), (2, 'b', 1);
