CREATE OR REPLACE VIEW reporting.big AS SELECT name FROM reporting.debts WHERE owed > 500;
CREATE VIEW billing.unpaid AS SELECT id FROM billing.invoices WHERE amount > 0;
DROP TRIGGER touched ON billing.invoices;
CREATE TRIGGER touched BEFORE INSERT OR UPDATE ON billing.invoices FOR EACH ROW WHEN (NEW.amount > 0) EXECUTE FUNCTION reporting.touched();
