import sqlalchemy as sa

from dbwarden.objects import Event, Function, Procedure, Trigger, View

metadata = sa.MetaData()
sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("level", sa.Integer, index=True),
    sa.Column("parent", sa.ForeignKey("users.id")),
    sa.CheckConstraint("parent > 0"),
)
sa.Table("log", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("level", sa.Integer))
View("levels", "SELECT id, level AS level FROM users", metadata=metadata)
View("logged", "SELECT log.id FROM levels JOIN log ON log.level = levels.level", metadata=metadata)
View("high", "SELECT id FROM log WHERE level > 3", metadata=metadata)
View("top", "SELECT max(id) AS id FROM high", metadata=metadata)
Trigger(
    "noted", "AFTER UPDATE ON users FOR EACH ROW INSERT INTO log (level) SELECT level FROM users", metadata=metadata
)
Function("total()", "RETURNS INT READS SQL DATA RETURN (SELECT sum(level) FROM users)", metadata=metadata)
Procedure("tidy()", "DELETE FROM users WHERE level < 0", metadata=metadata)
Event("nightly", "ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 03:00:00' DISABLE DO DELETE FROM users", metadata=metadata)
