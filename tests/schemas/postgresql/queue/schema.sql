CREATE TYPE state AS ENUM ('ready', 'running', 'done', 'failed');
CREATE TABLE jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state state NOT NULL DEFAULT 'ready',
    tries smallint NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 9),
    run_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ready_jobs ON jobs (run_at) WHERE state = 'ready';
CREATE FUNCTION taken(n integer DEFAULT 1) RETURNS SETOF jobs LANGUAGE sql AS $$
    UPDATE jobs SET state = 'running', tries = tries + 1
    WHERE id IN (SELECT id FROM jobs WHERE state = 'ready' ORDER BY run_at LIMIT n FOR UPDATE SKIP LOCKED) RETURNING *
$$;
CREATE FUNCTION announced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('jobs', NEW.id::text); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER announced AFTER INSERT ON jobs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION announced();
CREATE VIEW stuck AS SELECT id FROM jobs WHERE state = 'running' AND run_at < now() - interval '1 hour';
