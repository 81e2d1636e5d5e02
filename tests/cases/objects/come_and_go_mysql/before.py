import sqlalchemy as sa

from dbwarden.objects import Event, Function, Procedure, Trigger, View

metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
View("old_rows", "SELECT n FROM t", metadata=metadata)
Function("old()", "RETURNS INT DETERMINISTIC RETURN 1", metadata=metadata)
Function("kept()", "RETURNS INT DETERMINISTIC RETURN 1", metadata=metadata)
Procedure("old_tidy()", "DELETE FROM t WHERE n < 0", metadata=metadata)
Procedure("tidy()", "DELETE FROM t WHERE n < 1", metadata=metadata)
Trigger("old_trigger", "BEFORE UPDATE ON t FOR EACH ROW SET NEW.n = 1", metadata=metadata)
Trigger("positive", "BEFORE INSERT ON t FOR EACH ROW SET NEW.n = greatest(NEW.n, 0)", metadata=metadata)
Event("old_event", "ON SCHEDULE EVERY 1 YEAR STARTS '2030-01-01 00:00:00' DISABLE DO DELETE FROM t", metadata=metadata)
Event(
    "tidy",
    "ON SCHEDULE EVERY 1 MONTH STARTS '2030-01-01 00:00:00' DISABLE DO DELETE FROM t WHERE n = 0",
    metadata=metadata,
)
