-- additions

-- upgrade
CREATE TABLE invoices (
    id INTEGER NOT NULL PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    number VARCHAR(30) NOT NULL,
    UNIQUE (number)
);

CREATE INDEX ix_invoices_order_id ON invoices (order_id);

-- rollback
DROP TABLE invoices;

-- indexes

-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_users (
    id INTEGER NOT NULL PRIMARY KEY,
    email VARCHAR(80) NOT NULL,
    country VARCHAR(2),
    phone VARCHAR(20),
    manager_id INTEGER,
    UNIQUE (email)
);

INSERT INTO dbwarden_new_users (id, email, country, phone, manager_id)
SELECT id, email, country, phone, manager_id
FROM users;

DROP TABLE users;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_users RENAME TO users;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_users_manager_id ON users (manager_id);

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_users (
    id INTEGER NOT NULL PRIMARY KEY,
    email VARCHAR(80) NOT NULL,
    country VARCHAR(2),
    phone VARCHAR(20),
    manager_id INTEGER
);

INSERT INTO dbwarden_new_users (id, email, country, phone, manager_id)
SELECT id, email, country, phone, manager_id
FROM users;

DROP TABLE users;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_users RENAME TO users;

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;

-- rows

-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_orders (
    id INTEGER NOT NULL PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    total NUMERIC(12, 2)
);

INSERT INTO dbwarden_new_orders (id, user_id, total)
SELECT id, user_id, total
FROM orders;

DROP TABLE orders;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_orders RENAME TO orders;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_orders_user_id ON orders (user_id);

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_users (
    id INTEGER NOT NULL PRIMARY KEY,
    email VARCHAR(80) NOT NULL,
    country VARCHAR(2) NOT NULL,
    phone VARCHAR(20),
    manager_id INTEGER,
    UNIQUE (email)
);

INSERT INTO dbwarden_new_users (id, email, country, phone, manager_id)
SELECT id, email, coalesce(country, ('DE')), phone, manager_id
FROM users;

DROP TABLE users;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_users RENAME TO users;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_users_manager_id ON users (manager_id);

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_users (
    id INTEGER NOT NULL PRIMARY KEY,
    email VARCHAR(80) NOT NULL,
    country VARCHAR(2),
    phone VARCHAR(20),
    manager_id INTEGER,
    UNIQUE (email)
);

INSERT INTO dbwarden_new_users (id, email, country, phone, manager_id)
SELECT id, email, country, phone, manager_id
FROM users;

DROP TABLE users;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_users RENAME TO users;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_users_manager_id ON users (manager_id);

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_orders (
    id INTEGER NOT NULL PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    total INTEGER
);

INSERT INTO dbwarden_new_orders (id, user_id, total)
SELECT id, user_id, total
FROM orders;

DROP TABLE orders;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_orders RENAME TO orders;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_orders_user_id ON orders (user_id);

PRAGMA foreign_keys = ON;

-- constraints

-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_orders (
    id INTEGER NOT NULL PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    total NUMERIC(12, 2) CONSTRAINT total_positive CHECK (total >= 0)
);

INSERT INTO dbwarden_new_orders (id, user_id, total)
SELECT id, user_id, total
FROM orders;

DROP TABLE orders;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_orders RENAME TO orders;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_orders_user_id ON orders (user_id);

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_users (
    id INTEGER NOT NULL PRIMARY KEY,
    email VARCHAR(80) NOT NULL,
    country VARCHAR(2) NOT NULL,
    phone VARCHAR(20),
    manager_id INTEGER REFERENCES users (id),
    UNIQUE (email)
);

INSERT INTO dbwarden_new_users (id, email, country, phone, manager_id)
SELECT id, email, country, phone, manager_id
FROM users;

DROP TABLE users;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_users RENAME TO users;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_users_manager_id ON users (manager_id);

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_users (
    id INTEGER NOT NULL PRIMARY KEY,
    email VARCHAR(80) NOT NULL,
    country VARCHAR(2) NOT NULL,
    phone VARCHAR(20),
    manager_id INTEGER,
    UNIQUE (email)
);

INSERT INTO dbwarden_new_users (id, email, country, phone, manager_id)
SELECT id, email, country, phone, manager_id
FROM users;

DROP TABLE users;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_users RENAME TO users;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_users_manager_id ON users (manager_id);

PRAGMA foreign_keys = ON;

PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_orders (
    id INTEGER NOT NULL PRIMARY KEY,
    user_id INTEGER REFERENCES users (id),
    total NUMERIC(12, 2)
);

INSERT INTO dbwarden_new_orders (id, user_id, total)
SELECT id, user_id, total
FROM orders;

DROP TABLE orders;

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_orders RENAME TO orders;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX ix_orders_user_id ON orders (user_id);

PRAGMA foreign_keys = ON;

-- moves

-- upgrade
ALTER TABLE users ADD COLUMN language VARCHAR(5) DEFAULT 'en' NOT NULL;

-- Move data here: from users (phone), dropped below, to users (language).
-- UPDATE users SET language = ...;
ALTER TABLE users DROP COLUMN phone;

-- rollback
ALTER TABLE users ADD COLUMN phone VARCHAR(20);

-- Move data here: from users (language), dropped below, to users (phone).
-- UPDATE users SET phone = ...;
ALTER TABLE users DROP COLUMN language;

-- drops

-- upgrade
DROP TABLE old_events;

-- rollback
CREATE TABLE old_events (
    id INTEGER NOT NULL PRIMARY KEY,
    user_id INTEGER REFERENCES users (id)
);
