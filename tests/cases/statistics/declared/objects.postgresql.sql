CREATE STATISTICS by_zip (ndistinct, mcv) ON zip, city FROM places;
CREATE STATISTICS by_lower ON lower(city), zip FROM places;
COMMENT ON STATISTICS by_lower IS 'for the search';
