CREATE TABLE measurements (sensor integer NOT NULL, at timestamptz NOT NULL, value double precision) PARTITION BY HASH (sensor);
CREATE TABLE measurements_0 PARTITION OF measurements FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE measurements_1 PARTITION OF measurements FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE INDEX by_time ON measurements USING brin (at);
CREATE FUNCTION clipped() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.value := least(NEW.value, 1e6); RETURN NEW; END $$;
CREATE TRIGGER clipped BEFORE INSERT ON measurements FOR EACH ROW EXECUTE FUNCTION clipped();
CREATE AGGREGATE median_of(double precision) (SFUNC = float8pl, STYPE = double precision, INITCOND = '0');
CREATE MATERIALIZED VIEW hourly AS SELECT sensor, date_trunc('hour', at) AS hour, avg(value) AS mean FROM measurements GROUP BY 1, 2;
CREATE UNIQUE INDEX hourly_key ON hourly (sensor, hour);
