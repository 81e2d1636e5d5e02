INSERT INTO people VALUES (1, 'me@example.com');
