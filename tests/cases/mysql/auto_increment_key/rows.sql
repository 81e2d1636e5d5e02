INSERT INTO countries VALUES ('de', 'Germany'), ('fr', 'France'); INSERT INTO counters (name) VALUES ('a'), ('b'); INSERT INTO plain VALUES (7, 'x');
