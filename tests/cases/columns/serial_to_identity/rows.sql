INSERT INTO t (x) VALUES ('a'); INSERT INTO t (x) VALUES ('b');
