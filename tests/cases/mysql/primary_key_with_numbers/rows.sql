INSERT INTO "lines" (number) VALUES (1), (1);
