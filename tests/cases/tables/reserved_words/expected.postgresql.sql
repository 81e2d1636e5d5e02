-- upgrade
CREATE TABLE "order" (
    "select" SERIAL,
    "Group" VARCHAR(20) NOT NULL,
    "user" VARCHAR(20) DEFAULT 'it''s 100%',
    "with space" INTEGER,
    PRIMARY KEY ("select"),
    UNIQUE ("Group"),
    CONSTRAINT "Ck Order" CHECK ("with space" > 0)
);

CREATE INDEX "ix order" ON "order" ("with space", "Group");

CREATE TABLE "OrderLine" (
    "order" INTEGER NOT NULL,
    "table" INTEGER NOT NULL,
    PRIMARY KEY ("order", "table"),
    FOREIGN KEY ("order") REFERENCES "order" ("select")
);

-- rollback
DROP TABLE "OrderLine";

DROP TABLE "order";
