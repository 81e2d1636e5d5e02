-- upgrade
ALTER TYPE amount ADD ATTRIBUTE rounded BOOLEAN;

ALTER DOMAIN price DROP CONSTRAINT price_is_positive;

ALTER DOMAIN price ADD CONSTRAINT price_is_positive CHECK ((VALUE).cents >= 0) NOT VALID;

ALTER DOMAIN price VALIDATE CONSTRAINT price_is_positive;

-- rollback
ALTER DOMAIN price DROP CONSTRAINT price_is_positive;

ALTER DOMAIN price ADD CONSTRAINT price_is_positive CHECK ((VALUE).cents > 0) NOT VALID;

ALTER DOMAIN price VALIDATE CONSTRAINT price_is_positive;

ALTER TYPE amount DROP ATTRIBUTE rounded;
