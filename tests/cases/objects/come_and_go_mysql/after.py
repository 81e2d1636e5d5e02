import sqlalchemy as sa

from dbwarden.objects import Event, Function, Procedure, Trigger, View

metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
View("new_rows", "SELECT n FROM t", metadata=metadata)
Function("new_one()", "RETURNS INT DETERMINISTIC RETURN 1", metadata=metadata)
Function("kept()", "RETURNS INT DETERMINISTIC RETURN 2", metadata=metadata)
Procedure("new_tidy()", "DELETE FROM t WHERE n < 0", metadata=metadata)
Procedure("tidy()", "DELETE FROM t WHERE n < 2", metadata=metadata)
Trigger("new_trigger", "BEFORE UPDATE ON t FOR EACH ROW SET NEW.n = 1", metadata=metadata)
Trigger("positive", "BEFORE INSERT ON t FOR EACH ROW SET NEW.n = greatest(NEW.n, 1)", metadata=metadata)
Event("new_event", "ON SCHEDULE EVERY 1 YEAR STARTS '2030-01-01 00:00:00' DISABLE DO DELETE FROM t", metadata=metadata)
Event(
    "tidy",
    "ON SCHEDULE EVERY 2 MONTH STARTS '2030-01-01 00:00:00' DISABLE DO DELETE FROM t WHERE n = 0",
    metadata=metadata,
)
