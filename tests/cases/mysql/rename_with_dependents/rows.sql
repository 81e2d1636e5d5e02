INSERT INTO goods (price, name) VALUES (3, 'x');
