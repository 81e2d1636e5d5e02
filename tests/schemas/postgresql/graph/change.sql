DROP VIEW hubs;
DROP VIEW degrees;
CREATE OR REPLACE VIEW both_ways AS SELECT "from", "to", weight FROM edges UNION SELECT "to", "from", weight FROM edges;
CREATE VIEW degrees AS SELECT "from" AS node, count(*) AS degree, sum(weight) AS weight FROM both_ways GROUP BY "from";
CREATE VIEW hubs AS SELECT n.label, d.degree FROM degrees d JOIN nodes n ON n.id = d.node WHERE d.degree > 5;
CREATE FUNCTION reachable(label text) RETURNS SETOF integer LANGUAGE sql STABLE AS $$ SELECT reachable(id) FROM nodes WHERE nodes.label = $1 $$;
