import sqlalchemy as sa

from dbwarden.objects import Event, Function, Procedure, Trigger, View

metadata = sa.MetaData()
sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("grade", sa.Integer, index=True),
    sa.Column("parent", sa.ForeignKey("people.id")),
    sa.CheckConstraint("parent > 0"),
)
sa.Table("log", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("level", sa.Integer))
View("levels", "SELECT id, grade AS level FROM people", metadata=metadata)
View("logged", "SELECT log.id FROM levels JOIN log ON log.level = levels.level", metadata=metadata)
View("highest", "SELECT id FROM log WHERE level > 3", metadata=metadata)
View("top", "SELECT max(id) AS id FROM highest", metadata=metadata)
Trigger(
    "noted", "AFTER UPDATE ON people FOR EACH ROW INSERT INTO log (level) SELECT grade FROM people", metadata=metadata
)
Function("total()", "RETURNS INT READS SQL DATA RETURN (SELECT sum(grade) FROM people)", metadata=metadata)
Procedure("tidy()", "DELETE FROM people WHERE grade < 0", metadata=metadata)
Event(
    "nightly", "ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 03:00:00' DISABLE DO DELETE FROM people", metadata=metadata
)
