-- upgrade
ALTER TABLE accounts
    ADD COLUMN phone VARCHAR(20),
    ALGORITHM=INSTANT;

-- Move data here: from customers (phone), dropped below, to accounts (phone).
-- UPDATE accounts SET phone = (SELECT customers.phone FROM customers WHERE customers.id = accounts.customer_id);
ALTER TABLE customers
    DROP COLUMN phone,
    ALGORITHM=INSTANT;

-- rollback
ALTER TABLE customers
    ADD COLUMN phone VARCHAR(20),
    ALGORITHM=INSTANT;

-- Move data here: from accounts (phone), dropped below, to customers (phone).
-- UPDATE customers SET phone = (SELECT accounts.phone FROM accounts WHERE accounts.customer_id = customers.id);
ALTER TABLE accounts
    DROP COLUMN phone,
    ALGORITHM=INSTANT;
