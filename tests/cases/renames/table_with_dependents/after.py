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
people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
    sa.Column("no", sa.Integer, sa.Sequence("people_no_seq"), nullable=False),
    sa.Column("rank", sa.Integer, index=True),
    sa.Column("code", sa.String(20), unique=True),
    sa.Column("parent", sa.ForeignKey("people.id"), index=True),
    sa.CheckConstraint("rank > 0", name="positive"),
    RowLevelSecurity(),
    comment="whoever signs in",
)
sa.Table("log", metadata, sa.Column("id", sa.Integer, sa.Identity(), primary_key=True), sa.Column("level", sa.Integer))
Policy("high_ones", on=people, using="rank > 1", metadata=metadata)
Grant("SELECT", on=people, to="public", metadata=metadata)
Grant("UPDATE", columns=("rank",), on=people, to="public", metadata=metadata)
View("levels", "SELECT id, rank AS level FROM people", metadata=metadata, comment="by id")
View(
    "logged",
    "SELECT p.id, log.level, s.total FROM (SELECT sum(rank) AS total FROM people) s, people p JOIN log ON log.level = p.rank",
    metadata=metadata,
)
MaterializedView(
    "by_level",
    "SELECT rank AS level, count(*) AS n FROM people GROUP BY rank",
    metadata=metadata,
    indexes=["CREATE UNIQUE INDEX by_level_level ON by_level (level)"],
)
Function("total()", "RETURNS bigint LANGUAGE sql AS $$ SELECT sum(rank) FROM people $$", metadata=metadata)
Function("everybody()", "RETURNS SETOF people LANGUAGE sql BEGIN ATOMIC SELECT * FROM people; END", metadata=metadata)
Function("untouched()", "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$", metadata=metadata)
Trigger(
    "on_level",
    "BEFORE UPDATE OF rank ON people FOR EACH ROW WHEN (NEW.rank > 3) EXECUTE FUNCTION untouched()",
    metadata=metadata,
)
Rule(
    "no_delete",
    "AS ON DELETE TO people WHERE OLD.rank > 3 DO INSTEAD INSERT INTO log (level) VALUES (OLD.rank)",
    metadata=metadata,
)
Statistics("level_and_code", ["rank", "code"], on=people, metadata=metadata)
