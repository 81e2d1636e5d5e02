CREATE OR REPLACE VIEW stuck AS SELECT id FROM jobs WHERE state = 'running' AND run_at < now() - interval '10 minutes';
ALTER TABLE jobs ADD COLUMN error text;
