INSERT INTO "order" ("select", "Group") VALUES (1, 'a');
