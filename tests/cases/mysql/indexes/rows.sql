INSERT INTO articles (title, slug, body) VALUES ('a', 'b', 'c d e'), ('f', NULL, NULL);
