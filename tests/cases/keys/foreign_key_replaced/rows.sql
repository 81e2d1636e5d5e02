INSERT INTO p (id) VALUES (1); INSERT INTO t (id, p_id) VALUES (1, 1);
