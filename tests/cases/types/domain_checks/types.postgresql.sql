CREATE DOMAIN email AS varchar(80) CONSTRAINT has_at CHECK (VALUE LIKE '%_@_%') CONSTRAINT new_name CHECK (VALUE <> '') CONSTRAINT is_lower CHECK (lower(VALUE) = VALUE);
COMMENT ON DOMAIN email IS 'one that was checked';
