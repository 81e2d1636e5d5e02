INSERT INTO pairs VALUES ('x', 1), ('y', 2);
