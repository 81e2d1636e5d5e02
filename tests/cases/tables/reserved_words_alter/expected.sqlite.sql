-- upgrade
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_order (
    "select" INTEGER NOT NULL PRIMARY KEY,
    "Group" VARCHAR(40) DEFAULT 'x' NOT NULL,
    user INTEGER
);

INSERT INTO dbwarden_new_order ("select", "Group")
SELECT "select", coalesce("Group", 'x')
FROM "order";

DROP TABLE "order";

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_order RENAME TO "order";

PRAGMA legacy_alter_table = OFF;

CREATE INDEX IX ON "order" ("Group");

PRAGMA foreign_keys = ON;

-- rollback
PRAGMA foreign_keys = OFF;

CREATE TABLE dbwarden_new_order (
    "select" INTEGER NOT NULL PRIMARY KEY,
    "Group" VARCHAR(20)
);

INSERT INTO dbwarden_new_order ("select", "Group")
SELECT "select", "Group"
FROM "order";

DROP TABLE "order";

PRAGMA legacy_alter_table = ON;

ALTER TABLE dbwarden_new_order RENAME TO "order";

PRAGMA legacy_alter_table = OFF;

PRAGMA foreign_keys = ON;
