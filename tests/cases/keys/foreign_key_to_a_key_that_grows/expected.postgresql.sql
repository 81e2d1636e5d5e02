-- upgrade
CREATE UNIQUE INDEX CONCURRENTLY items_pkey_new ON items (supplier_id, item_id);

ALTER TABLE item_prices DROP CONSTRAINT item_prices_item_id_fkey;

ALTER TABLE items DROP CONSTRAINT items_pkey;

ALTER TABLE items ALTER COLUMN item_id DROP DEFAULT;

DROP SEQUENCE items_item_id_seq;

ALTER TABLE items ADD CONSTRAINT items_pkey PRIMARY KEY USING INDEX items_pkey_new;

ALTER TABLE item_prices ADD CONSTRAINT item_prices_supplier_id_item_id_fkey FOREIGN KEY (supplier_id, item_id) REFERENCES items (supplier_id, item_id) NOT VALID;

ALTER TABLE item_prices VALIDATE CONSTRAINT item_prices_supplier_id_item_id_fkey;

-- rollback
CREATE UNIQUE INDEX CONCURRENTLY items_pkey_new ON items (item_id);

ALTER TABLE item_prices DROP CONSTRAINT item_prices_supplier_id_item_id_fkey;

ALTER TABLE items DROP CONSTRAINT items_pkey;

CREATE SEQUENCE items_item_id_seq AS INTEGER OWNED BY items.item_id;

ALTER TABLE items ALTER COLUMN item_id SET DEFAULT nextval('items_item_id_seq'::regclass);

SELECT setval('items_item_id_seq', GREATEST(MAX(item_id), 0) + 1, false) FROM items;

ALTER TABLE items ADD CONSTRAINT items_pkey PRIMARY KEY USING INDEX items_pkey_new;

ALTER TABLE item_prices ADD CONSTRAINT item_prices_item_id_fkey FOREIGN KEY (item_id) REFERENCES items (item_id) NOT VALID;

ALTER TABLE item_prices VALIDATE CONSTRAINT item_prices_item_id_fkey;
