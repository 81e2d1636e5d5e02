-- upgrade
ALTER TYPE mood ADD VALUE 'awful' BEFORE 'sad';

ALTER TYPE mood ADD VALUE 'fine' BEFORE 'ok';

ALTER TYPE mood ADD VALUE 'it''s great';

-- rollback
ALTER TYPE mood RENAME TO mood_old;

CREATE TYPE mood AS ENUM ('sad', 'ok');

ALTER TABLE moods
    ALTER COLUMN mood DROP DEFAULT,
    ALTER COLUMN mood TYPE mood USING mood::text::mood,
    ALTER COLUMN mood SET DEFAULT 'ok'::mood,
    ALTER COLUMN old TYPE mood[] USING old::text[]::mood[];

DROP TYPE mood_old;
