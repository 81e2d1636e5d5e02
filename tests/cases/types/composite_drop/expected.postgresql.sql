-- upgrade
DROP DOMAIN positive_amount;

DROP TYPE amount;

-- rollback
CREATE TYPE amount AS (value NUMERIC(10, 2), currency CHAR(3));

COMMENT ON TYPE amount IS 'money';

CREATE DOMAIN positive_amount AS amount CONSTRAINT is_positive CHECK ((VALUE).value > (0)::numeric);
