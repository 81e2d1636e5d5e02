INSERT INTO users VALUES (1); INSERT INTO events VALUES (1, '2024-03-04', 1, 'new'), (2, '2025-12-31 23:59:59', 1, 'old');
