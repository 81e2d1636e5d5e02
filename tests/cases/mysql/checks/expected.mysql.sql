-- upgrade
ALTER TABLE people
    ADD CONSTRAINT ck_old CHECK (age < 200),
    DROP CHECK ck_age,
    ADD CONSTRAINT ck_age CHECK (age > 1),
    ALGORITHM=COPY, LOCK=SHARED;

ALTER TABLE people
    DROP CHECK ck_name,
    ALGORITHM=INSTANT;

-- rollback
ALTER TABLE people
    ADD CONSTRAINT ck_name CHECK (name <> ''),
    DROP CHECK ck_age,
    ADD CONSTRAINT ck_age CHECK (age > 0),
    ALGORITHM=COPY, LOCK=SHARED;

ALTER TABLE people
    DROP CHECK ck_old,
    ALGORITHM=INSTANT;
