INSERT INTO t SELECT number, now(), number FROM numbers(10);
INSERT INTO told SELECT number FROM numbers(10);
