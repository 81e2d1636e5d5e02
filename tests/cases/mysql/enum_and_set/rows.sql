INSERT INTO shirts (size, tags, colour) VALUES ('small', 'new,sale', 'red'), ('large', NULL, 'it''s blue');
