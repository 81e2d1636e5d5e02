INSERT INTO readings VALUES (1, ['a', 'b'], 5, '2090-01-01 00:00:00', 1.5);
