import sqlalchemy as sa

from dbwarden.objects import View

metadata = sa.MetaData()
users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50)),
    sa.Column("age", sa.BigInteger),
    sa.Column("active", sa.Boolean),
    sa.Column("email", sa.String(80)),
)
View(
    "active_users",
    sa.select(users.c.id, users.c.name).where(users.c.active.is_not(False)),
    metadata=metadata,
    options="SQL SECURITY INVOKER",
)
View("names", "SELECT name, count(*) AS n FROM active_users GROUP BY name", metadata=metadata)
View("ages", "SELECT id, age FROM users", metadata=metadata)
View("adults", "SELECT id, age FROM users WHERE age >= 21", metadata=metadata, check_option="cascaded")
View("of_emails", "SELECT lower(email) AS email FROM emails", metadata=metadata)
View("emails", sa.select(users.c.email), metadata=metadata)
