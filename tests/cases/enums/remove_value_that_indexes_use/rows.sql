INSERT INTO t (id, e) VALUES (1, 'x'), (2, 'y');
