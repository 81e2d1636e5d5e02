INSERT INTO goods VALUES (1, ROW(100, 'eur'));
