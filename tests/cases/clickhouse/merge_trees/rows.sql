INSERT INTO people SELECT number, number % 3 FROM numbers(10);
