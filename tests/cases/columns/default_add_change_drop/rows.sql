INSERT INTO users (a) VALUES ('k');
