-- upgrade
DROP SEQUENCE gone;

ALTER SEQUENCE lone INCREMENT BY 5 MAXVALUE 1000;

ALTER SEQUENCE tickets OWNED BY kept.other;

COMMENT ON SEQUENCE tickets IS 'numbers of tickets';

ALTER SEQUENCE visits CACHE 50 CYCLE;

CREATE SEQUENCE bells AS INTEGER;

COMMENT ON SEQUENCE bells IS 'rings';

CREATE TABLE doors (
    id SERIAL,
    bells INTEGER DEFAULT nextval('bells'),
    PRIMARY KEY (id)
);

ALTER SEQUENCE bells OWNED BY doors.bells;

-- rollback
DROP TABLE doors;

ALTER SEQUENCE visits CACHE 5 NO CYCLE;

ALTER SEQUENCE tickets OWNED BY kept.number;

COMMENT ON SEQUENCE tickets IS 'numbers on paper';

ALTER SEQUENCE lone INCREMENT BY 2 NO MAXVALUE;

CREATE SEQUENCE gone;

COMMENT ON SEQUENCE gone IS 'once';
