import sqlalchemy as sa

from dbwarden.objects import Trigger, View

metadata = sa.MetaData()
users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50)),
    sa.Column("age", sa.Integer, nullable=False, server_default="0"),
)
sa.Table("log", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("line", sa.Text))
View("adults", sa.select(users.c.id, users.c.name).where(users.c.age >= 21), metadata=metadata)
View("names", "SELECT name FROM adults", metadata=metadata)
Trigger(
    "noted",
    """
    AFTER INSERT ON users FOR EACH ROW
    BEGIN
        INSERT INTO log (line) VALUES ('+' || NEW.name);
    END
    """,
    metadata=metadata,
)
Trigger(
    "named",
    "INSTEAD OF INSERT ON names BEGIN INSERT INTO users (name, age) VALUES (NEW.name, 18); END",
    metadata=metadata,
)
View("lines", "SELECT line FROM log ORDER BY id", metadata=metadata)
