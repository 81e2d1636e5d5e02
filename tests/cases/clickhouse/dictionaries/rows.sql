INSERT INTO prices SELECT number, 'a', '2026-01-01', '2026-12-31' FROM numbers(10);
