INSERT INTO people VALUES (1, ROW('high street', '12345', NULL, NULL));
