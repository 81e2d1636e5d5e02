INSERT INTO users (no, level, code) VALUES (1, 2, 'a'), (2, 5, 'b');
INSERT INTO log (level) VALUES (5);
