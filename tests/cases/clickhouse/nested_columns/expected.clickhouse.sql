-- upgrade
ALTER TABLE orders MODIFY COLUMN labels Map(String, UInt16);

ALTER TABLE orders ADD COLUMN `lines.amount` Array(UInt32) AFTER `lines.price`;

-- rollback
ALTER TABLE orders DROP COLUMN `lines.amount`;

ALTER TABLE orders MODIFY COLUMN labels Map(String, UInt8);
