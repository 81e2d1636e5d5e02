-- upgrade
DROP INDEX CONCURRENTLY ix_orders_follows;

ALTER TABLE orders DROP CONSTRAINT fk_orders;

ALTER TABLE orders DROP CONSTRAINT orders_id_number_key;

CREATE TABLE carriers (
    id SERIAL,
    PRIMARY KEY (id)
);

CREATE TABLE parcels (
    id VARCHAR(10) NOT NULL,
    carrier INTEGER,
    PRIMARY KEY (id),
    CONSTRAINT fk_parcels FOREIGN KEY (carrier) REFERENCES carriers (id)
);

CREATE INDEX ix_parcels_carrier ON parcels (carrier);

ALTER TABLE orders ADD COLUMN parcel VARCHAR(10);

-- Move data here: from orders (follows), dropped below, to orders (parcel).
-- UPDATE orders SET parcel = ...;
-- Move data here: from orders (number, follows), dropped below, to parcels.
-- INSERT INTO parcels (id) SELECT id FROM orders;
ALTER TABLE orders ADD CONSTRAINT fk_orders FOREIGN KEY (parcel) REFERENCES parcels (id) NOT VALID;

ALTER TABLE orders
    DROP COLUMN follows,
    DROP COLUMN number;

CREATE INDEX CONCURRENTLY ix_orders_parcel ON orders (parcel);

ALTER TABLE orders VALIDATE CONSTRAINT fk_orders;

-- rollback
DROP INDEX CONCURRENTLY ix_orders_parcel;

ALTER TABLE orders
    ADD COLUMN number DATE,
    ADD COLUMN follows INTEGER;

-- Move data here: from orders (parcel), dropped below, to orders (follows).
-- UPDATE orders SET follows = ...;
-- Move data here: from parcels, dropped below, to orders (number, follows).
-- UPDATE orders SET number = ..., follows = ...;
CREATE UNIQUE INDEX CONCURRENTLY orders_id_number_key ON orders (id, number);

CREATE INDEX CONCURRENTLY ix_orders_follows ON orders (follows);

ALTER TABLE orders DROP CONSTRAINT fk_orders;

ALTER TABLE orders DROP COLUMN parcel;

DROP TABLE parcels;

DROP TABLE carriers;

ALTER TABLE orders ADD CONSTRAINT orders_id_number_key UNIQUE USING INDEX orders_id_number_key;

ALTER TABLE orders ADD CONSTRAINT fk_orders FOREIGN KEY (follows) REFERENCES orders (id) NOT VALID;

ALTER TABLE orders VALIDATE CONSTRAINT fk_orders;
