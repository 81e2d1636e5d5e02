INSERT INTO users (id, level) VALUES (1, 2);
INSERT INTO log (id, level) VALUES (1, 5);
