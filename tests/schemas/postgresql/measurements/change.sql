DROP MATERIALIZED VIEW hourly;
CREATE MATERIALIZED VIEW hourly AS SELECT sensor, date_trunc('hour', at) AS hour, avg(value) AS mean, max(value) AS top FROM measurements GROUP BY 1, 2;
CREATE UNIQUE INDEX hourly_key ON hourly (sensor, hour);
CREATE OR REPLACE FUNCTION clipped() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.value := least(NEW.value, 1e9); RETURN NEW; END $$;
