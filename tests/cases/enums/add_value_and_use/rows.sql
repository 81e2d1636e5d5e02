INSERT INTO t (s) VALUES ('b');
