INSERT INTO events SELECT number, now() FROM numbers(10);
