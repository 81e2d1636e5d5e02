INSERT INTO pages (path) VALUES ('/a'), ('/b');
