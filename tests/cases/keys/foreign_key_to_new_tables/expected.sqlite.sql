-- upgrade
CREATE TABLE carriers (
    id INTEGER NOT NULL PRIMARY KEY
);

CREATE TABLE parcels (
    id VARCHAR(10) NOT NULL PRIMARY KEY,
    carrier INTEGER CONSTRAINT fk_parcels REFERENCES carriers (id)
);

CREATE INDEX ix_parcels_carrier ON parcels (carrier);

-- Move data here: from orders (number, follows), dropped below, to parcels.
-- INSERT INTO parcels (id) SELECT id FROM orders;
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_orders (
    id INTEGER NOT NULL PRIMARY KEY,
    parcel VARCHAR(10) CONSTRAINT fk_orders REFERENCES parcels (id)
);

-- Move data here: from orders (follows), dropped below, to orders (parcel). Write it into the INSERT and SELECT below:
-- parcel from ...
INSERT INTO dbwarden_new_orders (id)
SELECT id
FROM orders;

DROP TABLE orders;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_orders RENAME TO orders;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_orders_parcel ON orders (parcel);

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_orders (
    id INTEGER NOT NULL PRIMARY KEY,
    number DATE,
    follows INTEGER CONSTRAINT fk_orders REFERENCES orders (id),
    CONSTRAINT orders_id_number_key UNIQUE (id, number)
);

-- Move data here: from orders (parcel), dropped below, to orders (follows). Write it into the INSERT and SELECT below:
-- follows from ...
-- Move data here: from parcels, dropped below, to orders (number, follows). Write it into the INSERT and SELECT below:
-- number from ..., follows from ...
INSERT INTO dbwarden_new_orders (id)
SELECT id
FROM orders;

DROP TABLE orders;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_orders RENAME TO orders;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_orders_follows ON orders (follows);

PRAGMA foreign_keys = ON;

DROP TABLE parcels;

DROP TABLE carriers;
