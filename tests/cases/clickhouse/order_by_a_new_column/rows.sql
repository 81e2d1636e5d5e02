INSERT INTO visits SELECT number, toDateTime(number * 1000) FROM numbers(10);
