INSERT INTO readings (level, step, price) VALUES (1, 2, 3.50), (NULL, 65535, NULL);
