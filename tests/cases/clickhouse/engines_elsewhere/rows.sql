INSERT INTO own_file VALUES (1), (2);
