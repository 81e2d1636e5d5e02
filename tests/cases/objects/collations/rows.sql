INSERT INTO people (id, name, mail) VALUES (1, 'Ä', 'a');
