-- upgrade
COMMENT ON TABLE users IS 'new';

-- rollback
COMMENT ON TABLE users IS 'old';
