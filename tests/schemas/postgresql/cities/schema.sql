CREATE TABLE cities (name text NOT NULL, people integer CHECK (people >= 0));
CREATE TABLE capitals (country char(2) NOT NULL) INHERITS (cities);
CREATE VIEW big AS SELECT name FROM cities WHERE people > 1000000;
CREATE VIEW only_cities AS SELECT name FROM ONLY cities;
