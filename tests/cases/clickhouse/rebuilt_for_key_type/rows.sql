INSERT INTO events SELECT number, toDate('2090-01-01') + number % 60, toString(number % 5), if(number % 3 = 0, NULL, 'x') FROM numbers(200);
