INSERT INTO logs SELECT number, if(number % 2 = 0, 'info', 'error'), 'a line of text' FROM numbers(10);
