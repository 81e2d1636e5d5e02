CREATE SCHEMA "Odd Names";
CREATE TABLE "Odd Names"."Order" ("Id" integer PRIMARY KEY, "select" text, "a""b" integer);
CREATE VIEW "Odd Names"."From" AS SELECT "Id", "select" FROM "Odd Names"."Order";
CREATE FUNCTION "Odd Names"."Do It"("X y" integer) RETURNS integer LANGUAGE sql AS $$ SELECT "X y" $$;
CREATE FUNCTION "Odd Names"."On"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER "When" BEFORE UPDATE OF "select" ON "Odd Names"."Order" FOR EACH ROW EXECUTE FUNCTION "Odd Names"."On"();
