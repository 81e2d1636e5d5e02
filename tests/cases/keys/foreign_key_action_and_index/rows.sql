INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 1, 'a'), (2, NULL, 'b');
