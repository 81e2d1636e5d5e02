INSERT INTO users (email) VALUES ('A@b.c');
