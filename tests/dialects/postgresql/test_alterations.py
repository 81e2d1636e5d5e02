"""Changes that need more than one statement, with rows in the table and views on it: there, back, and there again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    text,
)
from sqlalchemy.dialects import postgresql as pg

from dbwarden.dialects.postgresql.dialect import PostgreSQL
from dbwarden.runtime.connection import DatabaseConnection
from tests.support.dump import dump
from tests.support.pipeline import planned, run

VIEWS = (
    "CREATE VIEW v AS SELECT id, c FROM t",
    "CREATE VIEW w AS SELECT * FROM v",
    "CREATE MATERIALIZED VIEW m AS SELECT c FROM w",
    "CREATE INDEX on_m ON m (c)",
    "COMMENT ON VIEW v IS 'kept'",
)


@dataclass(frozen=True)
class Alteration:
    """``build(metadata, step)`` for step 0 and 1."""

    build: Callable[[MetaData, int], object]
    rows: str
    extra: tuple[str, ...] = ()


def table(metadata: MetaData, *items: object) -> sa.Table:
    return sa.Table("t", metadata, Column("id", Integer, primary_key=True), *items)  # type: ignore[arg-type]


def swap(metadata: MetaData, step: int) -> None:
    values = ("a", "b", "c") if step == 0 else ("c", "b")
    color = pg.ENUM(*values, name="color")
    made = table(
        metadata,
        Column("c", color, server_default="b"),
        Column("cs", pg.ARRAY(color), server_default="{b}"),
        Column("g", Boolean, Computed("c = 'b'", persisted=True)),
        CheckConstraint("c <> 'c'", name="ck"),
    )
    Index("partial", made.c.id, postgresql_where=text("c = 'b'"))
    Index("on_g", made.c.g)


def grown(metadata: MetaData, step: int) -> None:
    table(metadata, Column("c", pg.ENUM(*(("a", "b") if step == 0 else ("z", "a", "x", "b", "y")), name="color")))


def default_moves(metadata: MetaData, step: int) -> None:
    values, default = (("a", "b"), "a") if step == 0 else (("b", "a"), "b")
    table(metadata, Column("c", pg.ENUM(*values, name="color"), server_default=default))


def numbered(*kinds: tuple[object, ...]) -> Callable[[MetaData, int], object]:
    def build(metadata: MetaData, step: int) -> None:
        kind, plain = kinds[step], kinds[step] == ("plain",)
        items = () if plain or kind == ("serial",) else kind
        key = Column("id", Integer, *items, primary_key=True, autoincrement=False if plain else "auto")  # type: ignore[arg-type]
        sa.Table("t", metadata, key, Column("c", Integer))

    return build


def retyped(metadata: MetaData, step: int) -> None:
    kinds = ((Text, Integer, "7"), (Integer, Text, "7"), (String(5), Boolean, "f"), (Text, pg.JSONB, "{}"))
    columns = (Column(f"c{at}", kind[step], server_default=kind[2]) for at, kind in enumerate(kinds))
    table(metadata, *columns, Column("when", Text if step == 0 else sa.DateTime(timezone=True)))


def computed(metadata: MetaData, step: int) -> None:
    made = table(
        metadata,
        Column("a", Integer if step == 0 else sa.BigInteger),
        Column("b", Integer, Computed("a * 2" if step == 0 else "a * 3", persisted=True), unique=True),
        Column("d", Integer, *([Computed("a + 1", persisted=True)] if step == 0 else [])),
        CheckConstraint("b > 0", name="positive"),
    )
    Index("on_b", made.c.b)


def domain(metadata: MetaData, step: int) -> None:
    check = "VALUE > 0" if step == 0 else "VALUE > 1 AND VALUE < 10"
    kind = pg.DOMAIN("small", sa.BigInteger if step else Integer, check=check)
    table(metadata, Column("c", kind, server_default="5"))


def widened(metadata: MetaData, step: int) -> None:
    table(metadata, Column("c", String(10) if step == 0 else Text))


def under_generated(metadata: MetaData, step: int) -> None:
    made = table(
        metadata,
        Column("name", String(10 if step == 0 else 20)),
        Column("lc", Text, Computed("lower(name::text)", persisted=True), unique=True),
        Column("same", Text, sa.ForeignKey("t.lc")),
        CheckConstraint("lc <> 'none'", name="named"),
    )
    Index("on_lc", made.c.lc, postgresql_where=text("lc <> 'x'"))
    Index("on_expression", text("(lc || 'x')"), _table=made)
    sa.Table("u", metadata, Column("lc", Text, sa.ForeignKey("t.lc", ondelete="CASCADE")))


ON_GENERATED = (
    "INSERT INTO u VALUES ('abc')",
    "CREATE VIEW v AS SELECT lc FROM t",
    "CREATE VIEW w AS SELECT * FROM v",
    "CREATE MATERIALIZED VIEW m AS SELECT w.lc, t.name FROM w, t",
    "CREATE INDEX on_m ON m (lc)",
)

ALTERATIONS = {
    "enum swap": Alteration(
        swap, "INSERT INTO t (id, c, cs) VALUES (1, 'b', '{b,c}')", (*VIEWS, "CREATE VIEW x AS SELECT g FROM t")
    ),
    "enum grows": Alteration(grown, "INSERT INTO t VALUES (1, 'a'), (2, 'b')"),
    "enum default": Alteration(default_moves, "INSERT INTO t VALUES (1, 'a')"),
    "serial to identity": Alteration(numbered(("serial",), (Identity(),)), "INSERT INTO t (c) VALUES (1), (2), (3)"),
    "serial to plain": Alteration(numbered(("serial",), ("plain",)), "INSERT INTO t (c) VALUES (1), (2), (3)"),
    "plain to identity": Alteration(
        numbered(("plain",), (Identity(always=True, start=3),)), "INSERT INTO t VALUES (1, 1), (5, 1)"
    ),
    "identity options": Alteration(
        numbered((Identity(maxvalue=100, cache=5),), (Identity(always=True, increment=2, cycle=True),)),
        "INSERT INTO t (c) VALUES (1), (2)",
    ),
    "types": Alteration(retyped, "INSERT INTO t VALUES (1, '5', 5, 't', '{\"a\": 1}', '2020-01-01')"),
    "generated columns": Alteration(computed, "INSERT INTO t (id, a) VALUES (1, 5)"),
    "under a generated column": Alteration(
        under_generated, "INSERT INTO t (id, name, same) VALUES (1, 'ABC', 'abc')", ON_GENERATED
    ),
    "identity turns round": Alteration(
        numbered((Identity(),), (Identity(start=-1, increment=-1),)), "INSERT INTO t (c) VALUES (1), (2)"
    ),
    "identity starts higher": Alteration(
        numbered((Identity(),), (Identity(start=200, minvalue=100),)), "INSERT INTO t (c) VALUES (1), (2)"
    ),
    "domain": Alteration(domain, "INSERT INTO t VALUES (1, 5)", VIEWS),
    "column under views": Alteration(widened, "INSERT INTO t VALUES (1, 'x')", VIEWS),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_there_and_back(name: str, conn: DatabaseConnection, dialect: PostgreSQL, postgresql_url: str) -> None:
    alteration = ALTERATIONS[name]
    before, after = MetaData(), MetaData()
    alteration.build(before, 0)
    alteration.build(after, 1)
    run(conn, dialect, planned(conn, dialect, before).upgrade())
    for sql in (alteration.rows, *alteration.extra):
        conn.execute(sql)
    former, count = dump(postgresql_url), conn.query("SELECT count(*) FROM t")
    change = planned(conn, dialect, after)
    assert not change.irreversible()
    run(conn, dialect, change.upgrade())
    assert not planned(conn, dialect, after)
    reached = dump(postgresql_url)
    run(conn, dialect, change.rollback())
    assert dump(postgresql_url) == former
    run(conn, dialect, change.upgrade())
    assert dump(postgresql_url) == reached
    assert conn.query("SELECT count(*) FROM t") == count


@pytest.mark.parametrize("name", [name for name in ALTERATIONS if "identity" in name])
def test_the_next_number_is_free(name: str, conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    alteration = ALTERATIONS[name]
    before, after = MetaData(), MetaData()
    alteration.build(before, 0)
    alteration.build(after, 1)
    run(conn, dialect, planned(conn, dialect, before).upgrade())
    conn.execute(alteration.rows)
    change = planned(conn, dialect, after)
    run(conn, dialect, change.upgrade())
    conn.execute("INSERT INTO t (c) VALUES (9)")
    if "plain" not in name:
        run(conn, dialect, change.rollback())
        conn.execute("INSERT INTO t (c) VALUES (9)")


def test_what_a_new_table_holds_not_valid_is_added_behind_it(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    """CREATE TABLE takes NOT VALID and ignores it."""
    metadata = MetaData()
    key = sa.ForeignKeyConstraint(["c"], ["t.id"], name="fk", postgresql_not_valid=True)
    table(metadata, Column("c", Integer), CheckConstraint("c > 0", name="ck", postgresql_not_valid=True), key)
    change = planned(conn, dialect, metadata)
    assert [sql.partition(" ADD ")[0].partition(" (")[0] for sql in change.upgrade()] == [
        "CREATE TABLE t",
        *["ALTER TABLE t"] * 2,
    ]
    run(conn, dialect, change.upgrade())
    assert conn.query("SELECT conname::text FROM pg_constraint WHERE NOT convalidated ORDER BY 1") == [("ck",), ("fk",)]
    assert not planned(conn, dialect, metadata)
