-- upgrade
COMMENT ON COLUMN users.email IS 'where to write';

COMMENT ON TABLE users IS 'People; it''s them';

-- rollback
COMMENT ON TABLE users IS NULL;

COMMENT ON COLUMN users.email IS NULL;
