-- upgrade
COMMENT ON TABLE users IS 'People; it''s them';

COMMENT ON COLUMN users.email IS 'where to write';

-- rollback
COMMENT ON COLUMN users.email IS NULL;

COMMENT ON TABLE users IS NULL;
