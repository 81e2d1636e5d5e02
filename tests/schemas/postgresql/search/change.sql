CREATE INDEX by_ndoc ON words (ndoc DESC) WHERE ndoc > 1;
CREATE OR REPLACE FUNCTION found(query text) RETURNS TABLE (id integer, title text, rank real) LANGUAGE sql STABLE ROWS 50 AS $$
    SELECT id, title, ts_rank_cd(search, q) FROM articles, websearch_to_tsquery('english', query) AS q WHERE search @@ q ORDER BY 3 DESC
$$;
