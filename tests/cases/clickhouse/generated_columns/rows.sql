INSERT INTO sums (id, a, b, day) SELECT number, number + 1, 5, '2026-03-04' FROM numbers(5);
