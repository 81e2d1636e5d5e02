INSERT INTO grown (a, b) VALUES (1, 2), (2, NULL);
