-- upgrade
ALTER TABLE orders MODIFY COLUMN cents Int64;

CREATE OR REPLACE VIEW b_paid COMMENT 'without gifts' AS SELECT id, cents FROM orders WHERE cents > 0;

CREATE OR REPLACE VIEW a_sums AS SELECT sum(cents) AS cents FROM b_paid;

-- rollback
ALTER TABLE orders MODIFY COLUMN cents Int32;

CREATE OR REPLACE VIEW b_paid COMMENT 'without gifts' AS SELECT id, cents FROM orders WHERE cents > 0;

CREATE OR REPLACE VIEW a_sums AS SELECT sum(cents) AS cents FROM b_paid;
