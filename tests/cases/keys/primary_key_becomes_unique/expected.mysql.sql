-- upgrade
ALTER TABLE item_prices
    DROP FOREIGN KEY item_prices_ibfk_1,
    ALGORITHM=INPLACE, LOCK=NONE;

ALTER TABLE items
    DROP PRIMARY KEY,
    MODIFY COLUMN item_id INT,
    MODIFY COLUMN code INT NOT NULL AUTO_INCREMENT,
    ADD UNIQUE INDEX item_id (item_id),
    ADD PRIMARY KEY (code),
    ALGORITHM=COPY, LOCK=SHARED;

ALTER TABLE item_prices
    ADD CONSTRAINT item_prices_ibfk_1 FOREIGN KEY (item_id) REFERENCES items (item_id),
    ALGORITHM=COPY, LOCK=SHARED;

-- rollback
ALTER TABLE item_prices
    DROP FOREIGN KEY item_prices_ibfk_1,
    ALGORITHM=INPLACE, LOCK=NONE;

ALTER TABLE items
    DROP INDEX item_id,
    DROP PRIMARY KEY,
    MODIFY COLUMN item_id INT NOT NULL AUTO_INCREMENT,
    MODIFY COLUMN code INT,
    ADD PRIMARY KEY (item_id),
    ALGORITHM=COPY, LOCK=SHARED;

ALTER TABLE item_prices
    ADD CONSTRAINT item_prices_ibfk_1 FOREIGN KEY (item_id) REFERENCES items (item_id),
    ALGORITHM=COPY, LOCK=SHARED;
