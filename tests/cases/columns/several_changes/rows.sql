INSERT INTO items (id, code, label, size, amount) VALUES (1, '7', 'a', 4, 5);
INSERT INTO items (id, label, size) VALUES (2, 'b', 3);
INSERT INTO colours (id, shade) VALUES (1, 9);
