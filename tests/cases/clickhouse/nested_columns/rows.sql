INSERT INTO orders VALUES (1, ['a', 'b'], [1.5, 2], (1, 2), {'x': 1});
