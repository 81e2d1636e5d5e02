CREATE TABLE nodes (id integer PRIMARY KEY, label text);
CREATE TABLE edges ("from" integer REFERENCES nodes (id), "to" integer REFERENCES nodes (id), weight real DEFAULT 1, PRIMARY KEY ("from", "to"));
CREATE VIEW both_ways AS SELECT "from", "to", weight FROM edges UNION ALL SELECT "to", "from", weight FROM edges;
CREATE FUNCTION reachable(start integer, depth integer DEFAULT 10) RETURNS SETOF integer LANGUAGE sql STABLE AS $$
    WITH RECURSIVE r (id, steps) AS (
        SELECT start, 0 UNION SELECT b."to", r.steps + 1 FROM r JOIN both_ways b ON b."from" = r.id WHERE r.steps < depth
    )
    SELECT DISTINCT id FROM r
$$;
CREATE VIEW degrees AS SELECT "from" AS node, count(*) AS degree FROM both_ways GROUP BY "from";
CREATE VIEW hubs AS SELECT n.label, d.degree FROM degrees d JOIN nodes n ON n.id = d.node WHERE d.degree > 2;
