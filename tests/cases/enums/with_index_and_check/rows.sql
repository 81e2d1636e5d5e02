INSERT INTO t (s, n) VALUES ('b', 1);
