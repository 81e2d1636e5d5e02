-- upgrade
ALTER TABLE places
    ADD COLUMN route LINESTRING SRID 4326,
    ADD COLUMN embedding VECTOR(3),
    ADD COLUMN address VARBINARY(16);

ALTER TABLE places
    ADD FULLTEXT INDEX ft_note (note) WITH PARSER ngram,
    ADD SPATIAL INDEX ix_spot (spot),
    ALGORITHM=INPLACE, LOCK=SHARED;

-- rollback
ALTER TABLE places
    DROP INDEX ix_spot,
    DROP INDEX ft_note,
    ALGORITHM=INPLACE, LOCK=NONE;

ALTER TABLE places
    DROP COLUMN address,
    DROP COLUMN embedding,
    DROP COLUMN route,
    ALGORITHM=COPY, LOCK=SHARED;
