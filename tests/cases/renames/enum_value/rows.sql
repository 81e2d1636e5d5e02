INSERT INTO notes (id, mood) VALUES (1, 'sad'), (2, 'happy');
