INSERT INTO jobs (id, began, note) SELECT number, now(), 'x' FROM numbers(5);
