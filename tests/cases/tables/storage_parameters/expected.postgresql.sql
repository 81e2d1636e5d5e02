-- upgrade
ALTER TABLE users SET (fillfactor=70);

-- rollback
ALTER TABLE users RESET (fillfactor);
