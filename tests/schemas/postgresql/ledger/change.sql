CREATE OR REPLACE VIEW balances AS SELECT a.code, coalesce(sum(e.amount), 0::numeric) AS balance FROM accounts a LEFT JOIN entries e ON e.account = a.id AND e.booked_on <= CURRENT_DATE GROUP BY a.code;
ALTER TABLE entries ADD COLUMN text varchar(200);
