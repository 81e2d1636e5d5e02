-- upgrade
DROP STATISTICS by_zip;

DROP STATISTICS dropped;

CREATE STATISTICS by_lower ON lower(city), zip FROM places;

COMMENT ON STATISTICS by_lower IS 'for the search';

CREATE STATISTICS by_zip (ndistinct, mcv) ON zip, city FROM places;

-- rollback
DROP STATISTICS by_zip;

DROP STATISTICS by_lower;

CREATE STATISTICS dropped ON id, city FROM places;

CREATE STATISTICS by_zip ON zip, city FROM places;
