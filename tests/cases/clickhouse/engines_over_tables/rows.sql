INSERT INTO rows SELECT number FROM numbers(10);
