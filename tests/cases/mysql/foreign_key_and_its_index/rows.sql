INSERT INTO owners (id) VALUES (1); INSERT INTO pets (owner_id, vet_id, born, sitter_id) VALUES (1, 1, 2020, 1);
