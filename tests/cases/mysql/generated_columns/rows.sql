INSERT INTO boxes (a) VALUES (2), (3);
