INSERT INTO audit.log (id, who) VALUES (1, 'Ann');
