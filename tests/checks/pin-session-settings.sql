-- file: 0001_things.sql
CREATE TABLE things (
    at timestamp, seen timestamptz, day date, noon time, word text, short varchar(20), price money, ratio real,
    raw bytea, many timestamp[], span interval, which regclass, amount numeric(10, 2)
);
-- file: 0002_change.sql
-- expect: CRITICAL column at of things changes from timestamp to timestamptz by the session's TimeZone
ALTER TABLE things ALTER COLUMN at TYPE timestamptz;
-- expect: CRITICAL column at of things
ALTER TABLE things ALTER COLUMN at TYPE timestamp with time zone USING at::timestamptz;
-- expect: WARN the times in column at of things are taken for those of UTC
ALTER TABLE things ALTER COLUMN at TYPE timestamptz USING at AT TIME ZONE 'UTC';
-- ok: somebody has named the zone
ALTER TABLE things ALTER COLUMN at TYPE timestamptz USING at AT TIME ZONE 'Europe/Berlin';
-- ok
ALTER TABLE things ALTER COLUMN at TYPE timestamp(3), ALTER COLUMN day TYPE timestamp;
-- expect: CRITICAL column seen of things changes from timestamptz to date by the session's TimeZone
ALTER TABLE things ALTER COLUMN seen TYPE date;
-- ok: the zone is named, though the time of day is lost
ALTER TABLE things ALTER COLUMN seen TYPE date USING (seen AT TIME ZONE 'Asia/Tokyo')::date;
-- expect: WARN by the session's DateStyle and TimeZone
ALTER TABLE things ALTER COLUMN seen TYPE text;
-- expect: CRITICAL column day of things
ALTER TABLE things ALTER COLUMN day TYPE timestamptz;
-- expect: CRITICAL column noon of things
ALTER TABLE things ALTER COLUMN noon TYPE timetz;
-- expect: WARN column word of things changes from text to date by the session's DateStyle
ALTER TABLE things ALTER COLUMN word TYPE date USING word::date;
-- ok
ALTER TABLE things ALTER COLUMN word TYPE date USING to_date(word, 'DD.MM.YYYY');
-- expect: WARN by the session's IntervalStyle
ALTER TABLE things ALTER COLUMN span TYPE varchar(40);
-- expect: WARN by the session's lc_monetary
ALTER TABLE things ALTER COLUMN price TYPE numeric(12, 2);
-- expect: WARN by the session's lc_monetary
ALTER TABLE things ALTER COLUMN amount TYPE money;
-- expect: WARN by the session's extra_float_digits
ALTER TABLE things ALTER COLUMN ratio TYPE text;
-- ok
ALTER TABLE things ALTER COLUMN ratio TYPE double precision;
-- expect: WARN by the session's bytea_output
ALTER TABLE things ALTER COLUMN raw TYPE text;
-- ok
ALTER TABLE things ALTER COLUMN raw TYPE text USING encode(raw, 'hex');
-- expect: WARN by the session's search_path
ALTER TABLE things ALTER COLUMN which TYPE text;
-- expect: WARN by the session's search_path
ALTER TABLE things ALTER COLUMN short TYPE regclass USING short::regclass;
-- expect: CRITICAL column many of things changes from timestamp[] to timestamptz[] by the session's TimeZone
ALTER TABLE things ALTER COLUMN many TYPE timestamptz[];
-- ok
SET LOCAL TIME ZONE 'Europe/Berlin';
-- ok
ALTER TABLE things ALTER COLUMN many TYPE timestamptz[];
-- ok
SET LOCAL TIME ZONE DEFAULT;
-- ok
SET LOCAL timezone = 'UTC';
-- expect: WARN the times in column many of things are taken for those of UTC
ALTER TABLE things ALTER COLUMN many TYPE timestamptz[];
-- ok
RESET timezone;
-- expect: CRITICAL column many of things
ALTER TABLE things ALTER COLUMN many TYPE timestamptz[];
-- ok: its former type is not known
ALTER TABLE elsewhere ALTER COLUMN a TYPE timestamptz;

-- next: outside of a transaction
-- file: 0001_things.sql
CREATE TABLE things (many timestamp[]);
-- file: 0002_change.sql
-- transaction: off

-- upgrade
-- ok
SET LOCAL TIME ZONE 'UTC';
-- expect: CRITICAL column many
ALTER TABLE things ALTER COLUMN many TYPE timestamptz[];

-- next: literals in defaults
-- file: 0001_things.sql
CREATE TABLE things (id integer);
-- file: 0002_change.sql
-- expect: WARN the default of column a, '2026-01-01 00:00', is read by the session's TimeZone
ALTER TABLE things ADD COLUMN a timestamptz DEFAULT '2026-01-01 00:00';
-- ok
ALTER TABLE things ADD COLUMN b timestamptz DEFAULT '2026-01-01 00:00+00', ADD COLUMN c timestamptz DEFAULT now();
-- expect: WARN is read by the session's DateStyle
ALTER TABLE things ADD COLUMN d date DEFAULT '01/02/2026';
-- ok
ALTER TABLE things ADD COLUMN e date DEFAULT '2026-01-02', ADD COLUMN f text DEFAULT '01/02/2026';

-- next: an empty table has nothing to move
-- sizes: things=0
-- file: 0001_things.sql
CREATE TABLE things (at timestamp);
-- file: 0002_change.sql
-- expect: INFO column at of things (empty)
ALTER TABLE things ALTER COLUMN at TYPE timestamptz;
