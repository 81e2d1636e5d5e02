import sqlalchemy as sa

from dbwarden.objects import Function, MaterializedView, Trigger, View

metadata = sa.MetaData()
users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50)),
    sa.Column("age", sa.Integer),
    sa.Column("active", sa.Boolean),
)
View(
    "active_users",
    sa.select(users.c.id, users.c.name).where(users.c.active),
    metadata=metadata,
    comment="who may log in",
)
View("names", "SELECT DISTINCT name FROM active_users", metadata=metadata)
View("ages", "SELECT id, age FROM users", metadata=metadata)
View("kept", "SELECT id FROM users WHERE age BETWEEN 18 AND 65", metadata=metadata, options="WITH (security_barrier)")
View("gone", "SELECT count(*) AS n FROM kept", metadata=metadata)
MaterializedView(
    "by_age",
    "SELECT age, count(*) AS n FROM users GROUP BY age",
    metadata=metadata,
    indexes=("CREATE UNIQUE INDEX by_age_age ON by_age (age)",),
)
MaterializedView("of_names", "SELECT name FROM names", metadata=metadata)
Function("entered()", "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$", metadata=metadata)
Trigger(
    "entered",
    "INSTEAD OF INSERT ON names FOR EACH ROW EXECUTE FUNCTION entered()",
    metadata=metadata,
    comment="for names",
)
