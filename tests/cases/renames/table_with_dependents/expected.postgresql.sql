-- renames: table users:people, people.level:rank, sequence users_no_seq:people_no_seq, check people.ck_users_positive:ck_people_positive, foreign_key people.fk_users_parent:fk_people_parent, index people.ix_users_level:ix_people_rank, index people.ix_users_parent:ix_people_parent, primary_key people.pk_users:pk_people, unique people.uq_users_code:uq_people_code

-- upgrade
ALTER TABLE users RENAME TO people;

ALTER TABLE people RENAME COLUMN level TO rank;

ALTER SEQUENCE users_no_seq RENAME TO people_no_seq;

ALTER TABLE people RENAME CONSTRAINT ck_users_positive TO ck_people_positive;

ALTER TABLE people RENAME CONSTRAINT fk_users_parent TO fk_people_parent;

ALTER INDEX ix_users_level RENAME TO ix_people_rank;

ALTER INDEX ix_users_parent RENAME TO ix_people_parent;

ALTER TABLE people RENAME CONSTRAINT pk_users TO pk_people;

ALTER TABLE people RENAME CONSTRAINT uq_users_code TO uq_people_code;

CREATE OR REPLACE FUNCTION everybody() RETURNS SETOF people LANGUAGE sql BEGIN ATOMIC SELECT * FROM people; END;

CREATE OR REPLACE FUNCTION total() RETURNS bigint LANGUAGE sql AS $$ SELECT sum(rank) FROM people $$;

-- rollback
ALTER TABLE people RENAME CONSTRAINT uq_people_code TO uq_users_code;

ALTER TABLE people RENAME CONSTRAINT pk_people TO pk_users;

ALTER INDEX ix_people_parent RENAME TO ix_users_parent;

ALTER INDEX ix_people_rank RENAME TO ix_users_level;

ALTER TABLE people RENAME CONSTRAINT fk_people_parent TO fk_users_parent;

ALTER TABLE people RENAME CONSTRAINT ck_people_positive TO ck_users_positive;

ALTER SEQUENCE people_no_seq RENAME TO users_no_seq;

ALTER TABLE people RENAME COLUMN rank TO level;

ALTER TABLE people RENAME TO users;

CREATE OR REPLACE FUNCTION public.total()
 RETURNS bigint
 LANGUAGE sql
AS $function$ SELECT sum(level) FROM users $function$;

CREATE OR REPLACE FUNCTION public.everybody()
 RETURNS SETOF users
 LANGUAGE sql
BEGIN ATOMIC
 SELECT users.id,
     users.no,
     users.level,
     users.code,
     users.parent
    FROM users;
END;
