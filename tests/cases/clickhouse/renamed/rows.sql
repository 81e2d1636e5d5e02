INSERT INTO clicks SELECT number, 'u', number * 2 FROM numbers(5);
