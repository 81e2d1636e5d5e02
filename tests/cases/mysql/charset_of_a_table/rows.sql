INSERT INTO notes (title, body, code) VALUES ('a', 'b', 'c'); INSERT INTO tags (name) VALUES ('x');
