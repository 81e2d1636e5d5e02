CREATE TYPE currency AS ENUM ('eur', 'usd');
CREATE TYPE amount AS (cents bigint, unit currency, rounded boolean);
CREATE DOMAIN price AS amount CONSTRAINT price_is_positive CHECK ((VALUE).cents >= 0);
