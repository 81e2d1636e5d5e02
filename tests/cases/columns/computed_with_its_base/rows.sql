INSERT INTO boxes (id, a) VALUES (1, 7);
