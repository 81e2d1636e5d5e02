import sqlalchemy as sa

from dbwarden.objects import Trigger, View

metadata = sa.MetaData()
sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("level", sa.Integer),
    sa.CheckConstraint("level > 0", name="positive"),
)
sa.Table("log", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("level", sa.Integer))
View("levels", "SELECT id, level AS level FROM users", metadata=metadata)
View("logged", "SELECT log.id FROM levels JOIN log ON log.level = levels.level", metadata=metadata)
Trigger(
    "noted",
    "AFTER UPDATE OF level ON users BEGIN INSERT INTO log (level) SELECT level FROM users; END",
    metadata=metadata,
)
