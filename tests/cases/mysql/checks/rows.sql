INSERT INTO people (age, name) VALUES (5, 'x');
