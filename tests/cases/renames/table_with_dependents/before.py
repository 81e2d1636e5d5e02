import sqlalchemy as sa

from dbwarden.objects import (
    Function,
    Grant,
    MaterializedView,
    Policy,
    RowLevelSecurity,
    Rule,
    Statistics,
    Trigger,
    View,
)

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
    sa.Column("no", sa.Integer, sa.Sequence("users_no_seq"), nullable=False),
    sa.Column("level", sa.Integer, index=True),
    sa.Column("code", sa.String(20), unique=True),
    sa.Column("parent", sa.ForeignKey("users.id"), index=True),
    sa.CheckConstraint("level > 0", name="positive"),
    RowLevelSecurity(),
    comment="whoever signs in",
)
sa.Table("log", metadata, sa.Column("id", sa.Integer, sa.Identity(), primary_key=True), sa.Column("level", sa.Integer))
Policy("high_ones", on=users, using="level > 1", metadata=metadata)
Grant("SELECT", on=users, to="public", metadata=metadata)
Grant("UPDATE", columns=("level",), on=users, to="public", metadata=metadata)
View("levels", "SELECT id, level AS level FROM users", metadata=metadata, comment="by id")
View(
    "logged",
    "SELECT p.id, log.level, s.total FROM (SELECT sum(level) AS total FROM users) s, users p JOIN log ON log.level = p.level",
    metadata=metadata,
)
MaterializedView(
    "by_level",
    "SELECT level AS level, count(*) AS n FROM users GROUP BY level",
    metadata=metadata,
    indexes=["CREATE UNIQUE INDEX by_level_level ON by_level (level)"],
)
Function("total()", "RETURNS bigint LANGUAGE sql AS $$ SELECT sum(level) FROM users $$", metadata=metadata)
Function("everybody()", "RETURNS SETOF users LANGUAGE sql BEGIN ATOMIC SELECT * FROM users; END", metadata=metadata)
Function("untouched()", "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$", metadata=metadata)
Trigger(
    "on_level",
    "BEFORE UPDATE OF level ON users FOR EACH ROW WHEN (NEW.level > 3) EXECUTE FUNCTION untouched()",
    metadata=metadata,
)
Rule(
    "no_delete",
    "AS ON DELETE TO users WHERE OLD.level > 3 DO INSTEAD INSERT INTO log (level) VALUES (OLD.level)",
    metadata=metadata,
)
Statistics("level_and_code", ["level", "code"], on=users, metadata=metadata)
