INSERT INTO hits SELECT number, number % 3, number * 2 FROM numbers(10);
