import sqlalchemy as sa

from dbwarden.objects import Function, MaterializedView, Trigger, View

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
    comment="those who may log in",
)
View("names", "SELECT name, count(*) AS n FROM active_users GROUP BY name", metadata=metadata)
View("ages", "SELECT id, age FROM users", metadata=metadata)
View("kept", "SELECT id FROM users WHERE age BETWEEN 18 AND 65", metadata=metadata, options="WITH (security_barrier)")
MaterializedView(
    "by_age",
    "SELECT age, count(*) AS n FROM users GROUP BY age",
    metadata=metadata,
    indexes=("CREATE UNIQUE INDEX by_age_age ON by_age (age)", "CREATE INDEX by_age_n ON by_age (n DESC)"),
)
MaterializedView("of_names", "SELECT name FROM names", metadata=metadata)
View("emails", sa.select(users.c.email), metadata=metadata)
View("of_emails", "SELECT lower(email) AS email FROM emails", metadata=metadata, comment="folded")
Function("entered()", "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$", metadata=metadata)
Trigger(
    "entered",
    "INSTEAD OF INSERT ON names FOR EACH ROW EXECUTE FUNCTION entered()",
    metadata=metadata,
    comment="for names",
)
