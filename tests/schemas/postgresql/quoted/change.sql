CREATE OR REPLACE VIEW "Odd Names"."From" AS SELECT "Id", "select" FROM "Odd Names"."Order" WHERE "a""b" > 1;
DROP TRIGGER "When" ON "Odd Names"."Order";
CREATE TRIGGER "When" AFTER UPDATE OF "Id" ON "Odd Names"."Order" FOR EACH ROW EXECUTE FUNCTION "Odd Names"."On"();
