INSERT INTO notes VALUES (1, 'x', 5, 'y', 'z', 9), (2, 'q', NULL, 'w', '', 8);
