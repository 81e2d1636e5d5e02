CREATE EXTENSION btree_gist;
CREATE TYPE span AS RANGE (subtype = time);
CREATE TABLE rooms (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE bookings (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room integer NOT NULL REFERENCES rooms (id) DEFERRABLE INITIALLY DEFERRED,
    during tstzrange NOT NULL,
    hours span,
    EXCLUDE USING gist (room WITH =, during WITH &&)
);
CREATE FUNCTION free(wanted tstzrange) RETURNS SETOF rooms LANGUAGE sql STABLE AS $$
    SELECT * FROM rooms r WHERE NOT EXISTS (SELECT FROM bookings b WHERE b.room = r.id AND b.during && wanted)
$$;
CREATE VIEW today AS SELECT room, during FROM bookings WHERE during && tstzrange(current_date, current_date + 1);
