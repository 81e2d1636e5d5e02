INSERT INTO items (item_id, supplier_id) VALUES (1, 7); INSERT INTO item_prices (item_id, supplier_id) VALUES (1, 7);
