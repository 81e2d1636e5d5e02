INSERT INTO users (email, age) VALUES ('a', 1);
