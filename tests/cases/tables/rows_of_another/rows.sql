INSERT INTO people (id, name, mail) VALUES (1, 'ann', 'a@b.example');
