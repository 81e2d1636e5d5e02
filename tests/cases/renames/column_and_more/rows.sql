INSERT INTO items (id, amount, note) VALUES (1, 3, 'x'), (2, 4, 'y');
INSERT INTO lines (id, item_id) VALUES (1, 2);
