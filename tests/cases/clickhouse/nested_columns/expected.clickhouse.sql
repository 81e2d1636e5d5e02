-- upgrade
ALTER TABLE orders MODIFY COLUMN labels Map(String, UInt16);

-- Fill orders.lines.amount here: the rows that exist have no value, and NOT NULL refuses them.
-- ALTER TABLE orders UPDATE `lines.amount` = ... WHERE true;
ALTER TABLE orders ADD COLUMN `lines.amount` Array(UInt32);

-- rollback
ALTER TABLE orders DROP COLUMN `lines.amount`;

ALTER TABLE orders MODIFY COLUMN labels Map(String, UInt8);
