INSERT INTO users (id, name, bio, created_at, balance, active) VALUES (1, 'a', 'b', '2026-03-04 05:06:07', 1.5, true), (2, 'c', 'd', '2026-03-04 05:06:07', NULL, false);
