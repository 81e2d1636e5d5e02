import sqlalchemy as sa

from dbwarden.objects import View

metadata = sa.MetaData()
users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50)),
    sa.Column("age", sa.Integer),
    sa.Column("active", sa.Boolean),
)
View("active_users", sa.select(users.c.id, users.c.name).where(users.c.active), metadata=metadata)
View("names", "SELECT DISTINCT name FROM active_users", metadata=metadata)
View("ages", "SELECT id, age FROM users", metadata=metadata)
View("adults", "SELECT id, age FROM users WHERE age >= 18", metadata=metadata, check_option="local")
View("gone", "SELECT count(*) AS n FROM names", metadata=metadata)
