INSERT INTO texts (short, across, "long", bytes, body) VALUES ('a', 'b', 'c', 'd', 'e');
