-- upgrade
CREATE TABLE "order" (
    "select" INTEGER NOT NULL PRIMARY KEY,
    "Group" VARCHAR(20) NOT NULL,
    user VARCHAR(20) DEFAULT 'it''s 100%',
    "with space" INTEGER CONSTRAINT "Ck Order" CHECK ("with space" > 0),
    UNIQUE ("Group")
);

CREATE INDEX "ix order" ON "order" ("with space", "Group");

CREATE TABLE OrderLine (
    "order" INTEGER NOT NULL REFERENCES "order" ("select"),
    "table" INTEGER NOT NULL,
    PRIMARY KEY ("order", "table")
);

-- rollback
DROP TABLE OrderLine;

DROP TABLE "order";
