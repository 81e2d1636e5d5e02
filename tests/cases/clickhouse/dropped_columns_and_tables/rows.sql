INSERT INTO visits VALUES (1, 'a', 'b'); INSERT INTO old VALUES (1);
