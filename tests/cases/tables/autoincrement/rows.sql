INSERT INTO logs (line) VALUES ('one'); INSERT INTO logs (line) VALUES ('two');
