INSERT INTO items (item_id, supplier_id) VALUES (1, 7), (2, 7); INSERT INTO item_prices (id, item_id, supplier_id) VALUES (1, 1, 7), (2, 2, NULL);
