INSERT INTO samples SELECT number, now() - number, 'x', number / 3 FROM numbers(10);
