INSERT INTO base SELECT number, number, '2026-01-01' FROM numbers(5);
INSERT INTO by_log SELECT number, number, '2026-01-01' FROM numbers(5);
INSERT INTO by_tiny_log SELECT number, number, '2026-01-01' FROM numbers(5);
INSERT INTO by_stripe_log SELECT number, number, '2026-01-01' FROM numbers(5);
INSERT INTO in_memory SELECT number, number, '2026-01-01' FROM numbers(5);
INSERT INTO by_key SELECT number, number, '2026-01-01' FROM numbers(5);
