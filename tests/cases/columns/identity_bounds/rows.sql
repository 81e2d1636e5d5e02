INSERT INTO t (a) VALUES (1), (2); INSERT INTO u (a) VALUES (1), (2); SELECT nextval('s');
