-- upgrade
ALTER TABLE item_prices
    DROP FOREIGN KEY fk_item,
    DROP PRIMARY KEY,
    ADD PRIMARY KEY (supplier_id, item_id),
    ALGORITHM=INPLACE, LOCK=NONE;

ALTER TABLE items
    DROP PRIMARY KEY,
    MODIFY COLUMN item_id INT NOT NULL,
    ADD PRIMARY KEY (supplier_id, item_id),
    ALGORITHM=COPY, LOCK=SHARED;

ALTER TABLE item_prices
    ADD CONSTRAINT fk_item FOREIGN KEY (supplier_id, item_id) REFERENCES items (supplier_id, item_id),
    ALGORITHM=COPY, LOCK=SHARED;

-- rollback
ALTER TABLE item_prices
    DROP FOREIGN KEY fk_item,
    ALGORITHM=INPLACE, LOCK=NONE;

ALTER TABLE items
    DROP PRIMARY KEY,
    MODIFY COLUMN item_id INT NOT NULL AUTO_INCREMENT,
    ADD PRIMARY KEY (item_id),
    ALGORITHM=COPY, LOCK=SHARED;

ALTER TABLE item_prices
    DROP PRIMARY KEY,
    ADD PRIMARY KEY (item_id),
    ALGORITHM=INPLACE, LOCK=NONE;

ALTER TABLE item_prices
    ADD CONSTRAINT fk_item FOREIGN KEY (item_id) REFERENCES items (item_id),
    ALGORITHM=COPY, LOCK=SHARED;
