-- upgrade
ALTER TYPE mood RENAME TO mood_old;

CREATE TYPE mood AS ENUM ('sad', 'ok');

ALTER TABLE moods
    ALTER COLUMN mood DROP DEFAULT,
    ALTER COLUMN mood TYPE mood USING mood::text::mood,
    ALTER COLUMN mood SET DEFAULT 'ok',
    ALTER COLUMN old TYPE mood[] USING old::text[]::mood[];

DROP TYPE mood_old;

-- rollback
ALTER TYPE mood ADD VALUE 'gone';
