-- upgrade
ALTER TABLE articles
    DROP INDEX ix_slug,
    DROP INDEX ix_title,
    ADD INDEX ix_title (title(20)),
    ADD INDEX ix_body (body(50)),
    ADD UNIQUE INDEX uq_slug (slug, title DESC),
    ALGORITHM=NOCOPY, LOCK=NONE;

ALTER TABLE articles
    ADD FULLTEXT INDEX ft_body (title, body),
    ALGORITHM=INPLACE, LOCK=SHARED;

-- rollback
ALTER TABLE articles
    DROP INDEX ft_body,
    DROP INDEX uq_slug,
    DROP INDEX ix_body,
    DROP INDEX ix_title,
    ADD INDEX ix_title (title),
    ADD INDEX ix_slug (slug),
    ALGORITHM=NOCOPY, LOCK=NONE;
