INSERT INTO p (id) VALUES (1), (2); INSERT INTO t (id, p_id) VALUES (1, 1);
