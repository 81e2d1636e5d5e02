INSERT INTO events SELECT number, if(number % 2 = 0, 'A', 'b'), now() FROM numbers(10);
