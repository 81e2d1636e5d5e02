"""The plain statements, and when they are enough."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dbwarden import dialects
from dbwarden.core.change import Add
from dbwarden.core.dialect import Dialect, Prefs, Server
from dbwarden.core.model import Index, IndexElement, Schema, Table
from dbwarden.core.plan import pair, plan
from dbwarden.core.types import Ref
from dbwarden.errors import Unsupported
from dbwarden.runtime.connection import DatabaseConnection
from tests.support.pipeline import run

from .conftest import Open

Inspect = Callable[[DatabaseConnection], Schema]

BASE = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER PRIMARY KEY, a INT{});"


@pytest.mark.parametrize(
    ("column", "printed"),
    [
        ("b TEXT", "b TEXT"),
        ("b TEXT NOT NULL DEFAULT 'it''s'", "b TEXT DEFAULT 'it''s' NOT NULL"),
        ("b INT DEFAULT -1 CHECK (b < 5)", "b INT DEFAULT -1 CHECK (b < 5)"),
        ("b INT REFERENCES p (id) ON DELETE SET NULL", "b INT REFERENCES p (id) ON DELETE SET NULL"),
        ("b INT CONSTRAINT fk REFERENCES p (id)", "b INT CONSTRAINT fk REFERENCES p (id)"),
        ("b INT AS (a + 1)", "b INT GENERATED ALWAYS AS (a + 1) VIRTUAL"),
        ('"order" VARCHAR(5) COLLATE NOCASE', '"order" VARCHAR(5) COLLATE NOCASE'),
    ],
)
def test_add_and_drop_column(
    column: str, printed: str, database: Open, dialect: Dialect, inspect: Inspect, change: Callable[..., object]
) -> None:
    conn = database(BASE.format("") + "INSERT INTO t (a) VALUES (1)")
    before, target = inspect(conn), BASE.format(", " + column)
    steps = change(conn, target)
    assert steps.upgrade() == (f"ALTER TABLE t ADD COLUMN {printed}",)
    name = printed.split()[0]
    assert steps.rollback() == (f"ALTER TABLE t DROP COLUMN {name}",)
    run(conn, dialect, steps.upgrade())
    assert not change(conn, target)
    run(conn, dialect, steps.rollback())
    assert inspect(conn) == before


@pytest.mark.parametrize(
    "column",
    [
        "b INT UNIQUE", "b INT DEFAULT (1 + 1)", "b TEXT DEFAULT CURRENT_TIMESTAMP", "b INT AS (a) STORED",
        "b INT DEFAULT 1 REFERENCES p (id)", "b INT NOT NULL", "b INT NOT NULL DEFAULT NULL",
    ],
)  # fmt: skip
def test_what_add_column_does_not_take_is_a_rebuild(column: str, database: Open, change: Callable[..., object]) -> None:
    upgrade = change(database(BASE.format("")), BASE.format(", " + column)).upgrade()
    assert upgrade[0] == "PRAGMA foreign_keys = OFF" and upgrade[-1] == "PRAGMA foreign_keys = ON"


def test_before_drop_column_both_ways_are_rebuilds(database: Open, inspect: Inspect) -> None:
    old = dialects.get("sqlite").for_server(Server((3, 34, 1)))
    steps = plan(pair(inspect(database(BASE.format(""))), inspect(database(BASE.format(", b INT")))), old)
    assert not [sql for sql in (*steps.upgrade(), *steps.rollback()) if "COLUMN" in sql]


def test_a_column_that_something_uses_is_not_dropped_plainly(database: Open, change: Callable[..., object]) -> None:
    conn = database(BASE.format(", b INT, CHECK (a > b)"))
    assert change(conn, BASE.format("")).upgrade()[0] == "PRAGMA foreign_keys = OFF"


def test_a_table_reads_well(database: Open, change: Callable[..., object]) -> None:
    steps = change(
        database(),
        """
        create table "Order" (id integer not null, code varchar ( 3 ) default 'x' not null, total numeric(10,2)
          default (1+1), primary key (id), constraint "c k" check (total > 0 and code <> ''), unique (code, total));
        create unique index ix on "Order" (code desc) where total > 1
    """,
    )
    assert (
        "\n".join(f"{sql};" for sql in steps.upgrade())
        == """\
CREATE TABLE "Order" (
    id INTEGER NOT NULL PRIMARY KEY,
    code VARCHAR(3) DEFAULT 'x' NOT NULL,
    total NUMERIC(10, 2) DEFAULT (1+1),
    UNIQUE (code, total),
    CONSTRAINT "c k" CHECK (total > 0 and code <> '')
);
CREATE UNIQUE INDEX ix ON "Order" (code DESC) WHERE total > 1;"""
    )
    assert steps.rollback() == ('DROP TABLE "Order"',)


def test_what_an_index_cannot_be(dialect: Dialect) -> None:
    index = Index(Ref("table", "t"), "i", (IndexElement("a", nulls="last"),))
    with pytest.raises(Unsupported, match="NULLS LAST"):
        dialect.ddl(Add(index), Schema(), Schema(), Prefs())


def test_a_table_needs_columns(dialect: Dialect) -> None:
    table = Table("t", {})
    with pytest.raises(Unsupported, match="table t is not supported by SQLite: it has no columns"):
        dialect.ddl(Add(table), Schema(), Schema((table,)), Prefs())
