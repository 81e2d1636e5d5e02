CREATE TABLE articles (
    id integer PRIMARY KEY,
    title text NOT NULL,
    body text NOT NULL,
    search tsvector GENERATED ALWAYS AS (to_tsvector('english'::regconfig, (title || ' '::text) || body)) STORED
);
CREATE INDEX by_search ON articles USING gin (search);
CREATE MATERIALIZED VIEW words AS SELECT word, ndoc FROM ts_stat('SELECT search FROM articles');
CREATE INDEX by_word ON words (word text_pattern_ops);
CREATE FUNCTION found(query text) RETURNS TABLE (id integer, title text, rank real) LANGUAGE sql STABLE ROWS 20 AS $$
    SELECT id, title, ts_rank(search, q) FROM articles, websearch_to_tsquery('english', query) AS q WHERE search @@ q ORDER BY 3 DESC
$$;
