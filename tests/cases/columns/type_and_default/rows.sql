INSERT INTO users (flag) VALUES ('1');
