import sqlalchemy as sa

from dbwarden.objects import Trigger, View

metadata = sa.MetaData()
sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("rank", sa.Integer),
    sa.CheckConstraint("rank > 0", name="positive"),
)
sa.Table("log", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("level", sa.Integer))
View("levels", "SELECT id, rank AS level FROM people", metadata=metadata)
View("logged", "SELECT log.id FROM levels JOIN log ON log.level = levels.level", metadata=metadata)
Trigger(
    "noted",
    "AFTER UPDATE OF rank ON people BEGIN INSERT INTO log (level) SELECT rank FROM people; END",
    metadata=metadata,
)
