-- upgrade
ALTER TABLE items ADD CONSTRAINT items_code_set CHECK (code IS NOT NULL) NOT VALID;

CREATE UNIQUE INDEX CONCURRENTLY items_item_id_key ON items (item_id);

CREATE UNIQUE INDEX CONCURRENTLY items_pkey_new ON items (code);

ALTER TABLE items VALIDATE CONSTRAINT items_code_set;

ALTER TABLE item_prices DROP CONSTRAINT item_prices_item_id_fkey;

ALTER TABLE items ADD CONSTRAINT items_item_id_key UNIQUE USING INDEX items_item_id_key;

ALTER TABLE items DROP CONSTRAINT items_pkey;

ALTER TABLE items ALTER COLUMN code SET NOT NULL;

ALTER TABLE items DROP CONSTRAINT items_code_set;

CREATE SEQUENCE items_code_seq AS INTEGER OWNED BY items.code;

ALTER TABLE items ALTER COLUMN code SET DEFAULT nextval('items_code_seq'::regclass);

SELECT setval('items_code_seq', GREATEST(MAX(code), 0) + 1, false) FROM items;

ALTER TABLE items
    ALTER COLUMN item_id DROP DEFAULT,
    ALTER COLUMN item_id DROP NOT NULL;

DROP SEQUENCE items_item_id_seq;

ALTER TABLE items ADD CONSTRAINT items_pkey PRIMARY KEY USING INDEX items_pkey_new;

ALTER TABLE item_prices ADD CONSTRAINT item_prices_item_id_fkey FOREIGN KEY (item_id) REFERENCES items (item_id) NOT VALID;

ALTER TABLE item_prices VALIDATE CONSTRAINT item_prices_item_id_fkey;

-- rollback
ALTER TABLE items ADD CONSTRAINT items_item_id_set CHECK (item_id IS NOT NULL) NOT VALID;

CREATE UNIQUE INDEX CONCURRENTLY items_pkey_new ON items (item_id);

ALTER TABLE items VALIDATE CONSTRAINT items_item_id_set;

ALTER TABLE item_prices DROP CONSTRAINT item_prices_item_id_fkey;

ALTER TABLE items DROP CONSTRAINT items_pkey;

ALTER TABLE items ALTER COLUMN item_id SET NOT NULL;

ALTER TABLE items DROP CONSTRAINT items_item_id_set;

CREATE SEQUENCE items_item_id_seq AS INTEGER OWNED BY items.item_id;

ALTER TABLE items ALTER COLUMN item_id SET DEFAULT nextval('items_item_id_seq'::regclass);

SELECT setval('items_item_id_seq', GREATEST(MAX(item_id), 0) + 1, false) FROM items;

ALTER TABLE items
    ALTER COLUMN code DROP DEFAULT,
    ALTER COLUMN code DROP NOT NULL;

DROP SEQUENCE items_code_seq;

ALTER TABLE items ADD CONSTRAINT items_pkey PRIMARY KEY USING INDEX items_pkey_new;

ALTER TABLE items DROP CONSTRAINT items_item_id_key;

ALTER TABLE item_prices ADD CONSTRAINT item_prices_item_id_fkey FOREIGN KEY (item_id) REFERENCES items (item_id) NOT VALID;

ALTER TABLE item_prices VALIDATE CONSTRAINT item_prices_item_id_fkey;
