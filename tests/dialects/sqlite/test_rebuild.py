"""What ALTER TABLE cannot do: nothing is lost, and the way back restores the schema exactly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dbwarden.core.change import Alter, Rename
from dbwarden.core.dialect import Dialect
from dbwarden.core.model import Definition, Schema
from dbwarden.core.plan import pair, plan
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError
from dbwarden.runtime.connection import DatabaseConnection
from tests.support.pipeline import run

from .conftest import Open

Inspect = Callable[[DatabaseConnection], Schema]

BASE = """
CREATE TABLE parent (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name TEXT, n INT CHECK (n > 0),
  twice INT GENERATED ALWAYS AS (n * 2) STORED, CONSTRAINT uq UNIQUE (name) ON CONFLICT IGNORE);
CREATE TABLE child (id INTEGER NOT NULL PRIMARY KEY, parent_id INT REFERENCES parent (id) ON DELETE CASCADE);
CREATE TABLE log (what TEXT);
CREATE INDEX ix_parent ON parent (lower(name) DESC) WHERE n IS NOT NULL;
CREATE VIEW names AS SELECT id, name FROM parent;
CREATE VIEW again AS SELECT name FROM names;
CREATE TRIGGER parent_log AFTER INSERT ON parent BEGIN INSERT INTO log VALUES (new.name); END;
CREATE TRIGGER log_parent AFTER DELETE ON log BEGIN UPDATE parent SET n = n WHERE id = 1; END;
"""
CHANGED = BASE.replace("name TEXT, n INT CHECK (n > 0)", "name VARCHAR(20) DEFAULT '?' NOT NULL, n INT CHECK (n >= 0)")
ROWS = """
INSERT INTO parent (id, name, n) VALUES (1, 'a', 1), (2, NULL, 2), (9, 'z', 3);
DELETE FROM parent WHERE id = 9;
INSERT INTO child VALUES (1, 1), (2, 2);
"""


def catalogue(conn: DatabaseConnection) -> list[tuple[object, ...]]:
    return list(conn.query("SELECT type, name, sql FROM sqlite_master WHERE name <> 'parent' ORDER BY name"))


def test_nothing_is_lost(database: Open, dialect: Dialect, inspect: Inspect, change: Callable[..., object]) -> None:
    conn = database(BASE + ROWS)
    conn.execute("PRAGMA foreign_keys = ON")
    before, others = inspect(conn), catalogue(conn)
    steps = change(conn, CHANGED)

    run(conn, dialect, steps.upgrade())

    assert not change(conn, CHANGED)
    assert conn.query("SELECT id, name, n, twice FROM parent ORDER BY id") == [(1, "a", 1, 2), (2, "?", 2, 4)]
    assert conn.query("SELECT id, parent_id FROM child ORDER BY id") == [(1, 1), (2, 2)]
    assert conn.query("SELECT seq FROM sqlite_sequence WHERE name = 'parent'") == [(9,)]
    assert conn.query("SELECT name FROM sqlite_sequence") == [("parent",)]
    assert catalogue(conn) == others
    assert conn.query("PRAGMA foreign_keys") == [(1,)] and conn.query("PRAGMA legacy_alter_table") == [(0,)]
    assert conn.query("SELECT name FROM again ORDER BY name") == [("?",), ("a",)]
    conn.execute("INSERT INTO parent (name, n) VALUES ('new', 5)")
    assert conn.query("SELECT max(id) FROM parent") == [(10,)]
    assert conn.query("SELECT what FROM log ORDER BY rowid DESC LIMIT 1") == [("new",)]
    conn.execute("DELETE FROM parent WHERE id = 2")
    assert conn.query("SELECT id FROM child") == [(1,)], "the child still refers to the table"

    run(conn, dialect, steps.rollback())
    assert inspect(conn) == before
    assert catalogue(conn) == others
    assert conn.query("SELECT id, name, n FROM parent ORDER BY id") == [(1, "a", 1), (10, "new", 5)]


def test_all_changes_of_a_table_are_one_rebuild(database: Open, change: Callable[..., object]) -> None:
    conn = database("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT, c INT); CREATE INDEX i ON t (c)")
    steps = change(conn, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT NOT NULL, b INT UNIQUE, d INT CHECK (d > b));"
                         "CREATE INDEX j ON t (d, a)").steps  # fmt: skip
    assert len(steps) == 1 and isinstance(steps[0].change, Alter)
    assert sum(sql.startswith("CREATE TABLE") for sql in steps[0].upgrade) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("CREATE TABLE t (a INT NOT NULL, b TEXT, PRIMARY KEY (a)) WITHOUT ROWID", "b TEXT -> b TEXT UNIQUE"),
        ("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT) STRICT", "b TEXT -> b ANY"),
        ("CREATE TABLE t (a INT PRIMARY KEY, b TEXT) WITHOUT ROWID, STRICT", "b TEXT -> b TEXT CHECK (b <> '')"),
        ("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)", ") -> ) STRICT"),
        ("CREATE TABLE t (a INT NOT NULL PRIMARY KEY, b TEXT)", ") -> ) WITHOUT ROWID"),
        ("CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT)", " AUTOINCREMENT -> "),
        ("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)", "KEY -> KEY AUTOINCREMENT"),
        ("CREATE TABLE t (a INT, b TEXT)", "b TEXT -> b TEXT COLLATE NOCASE"),
        ("CREATE TABLE t (a INT, b TEXT)", "a INT -> a INT DEFAULT (1 + 1)"),
        ("CREATE TABLE t (a INT, b TEXT)", "a INT -> a INT, c TEXT DEFAULT CURRENT_TIMESTAMP"),
        ("CREATE TABLE t (a INT, b TEXT)", "b TEXT -> b TEXT, c INT GENERATED ALWAYS AS (a + 1) STORED"),
        (
            "CREATE TABLE t (a INT REFERENCES t (a), b TEXT, UNIQUE (a))",
            "REFERENCES t (a) -> REFERENCES t (a) ON DELETE CASCADE",
        ),
        ("CREATE TABLE t (a INT, b TEXT, CONSTRAINT x CHECK (a > 0))", "CONSTRAINT x -> CONSTRAINT y"),
        ("CREATE TABLE t (a INT, b TEXT, PRIMARY KEY (a))", "PRIMARY KEY (a) -> PRIMARY KEY (b, a)"),
        ('CREATE TABLE t (a INT, b TEXT, "or""der" INT DEFAULT (1 + 1))', "DEFAULT (1 + 1) -> DEFAULT 7"),
    ],
)
def test_there_and_back(
    before: str, after: str, database: Open, dialect: Dialect, inspect: Inspect, change: Callable[..., object]
) -> None:
    conn = database(before)
    conn.execute("INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y')")
    former, (old, new) = inspect(conn), after.split(" -> ")
    target = before.replace(old, new) if old != ")" else before + new.removeprefix(")")
    steps = change(conn, target)
    assert steps
    run(conn, dialect, steps.upgrade())
    assert not change(conn, target)
    assert conn.query("SELECT a, b FROM t ORDER BY a") == [(1, "x"), (2, "y")]
    run(conn, dialect, steps.rollback())
    assert inspect(conn) == former
    assert conn.query("SELECT a, b FROM t ORDER BY a") == [(1, "x"), (2, "y")]


def test_rowids_stay_where_no_column_shows_them(
    database: Open, dialect: Dialect, change: Callable[..., object]
) -> None:
    conn = database("CREATE TABLE t (a TEXT); INSERT INTO t (rowid, a) VALUES (7, 'x'), (9, 'y')")
    run(conn, dialect, change(conn, "CREATE TABLE t (a TEXT CHECK (a <> ''))").upgrade())
    assert conn.query("SELECT rowid, a FROM t ORDER BY rowid") == [(7, "x"), (9, "y")]


def test_a_rebuild_that_would_break_a_foreign_key_is_refused(
    database: Open, dialect: Dialect, inspect: Inspect, change: Callable[..., object]
) -> None:
    conn = database("CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INT);"
                    "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1), (5, 99)")  # fmt: skip
    before = inspect(conn)
    steps = change(conn, "CREATE TABLE p (id INT PRIMARY KEY);"
                         "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INT REFERENCES p (id))")  # fmt: skip
    with pytest.raises(DatabaseError, match="table c, row 5 refers to p"):
        run(conn, dialect, steps.upgrade())
    assert inspect(conn) == before
    assert conn.query("PRAGMA foreign_keys") == [(0,)]


def test_violations_that_were_there_do_not_count(
    database: Open, dialect: Dialect, change: Callable[..., object]
) -> None:
    script = "CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE c (p_id INT REFERENCES p (id), x INT);"
    conn = database(script + "INSERT INTO c VALUES (42, 1)")
    run(conn, dialect, change(conn, script.replace("x INT", "x TEXT")).upgrade())
    assert conn.query("SELECT p_id, x FROM c") == [(42, "1")]


def test_a_foreign_key_that_loses_its_key_is_refused(
    database: Open, dialect: Dialect, change: Callable[..., object]
) -> None:
    child = "CREATE TABLE c (x INT REFERENCES p (a));"
    conn = database("CREATE TABLE p (a INT UNIQUE);" + child + "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1)")
    steps = change(conn, "CREATE TABLE p (a INT);" + child)
    with pytest.raises(DatabaseError, match="table c: foreign key mismatch"):
        run(conn, dialect, steps.upgrade())
    broken = database("CREATE TABLE p (a INT);" + child + "INSERT INTO c VALUES (1)")
    run(broken, dialect, change(broken, "CREATE TABLE p (a TEXT);" + child).upgrade())


def test_a_rebuild_that_would_break_a_view_is_refused(
    database: Open, dialect: Dialect, change: Callable[..., object]
) -> None:
    view = "CREATE VIEW v AS SELECT a FROM t;"
    conn = database("CREATE TABLE t (a INT, b INT);" + view)
    steps = change(conn, "CREATE TABLE t (b TEXT)")
    with pytest.raises(DatabaseError, match="view v: no such column: a"):
        run(conn, dialect, steps.upgrade())
    assert conn.query("SELECT count(*) FROM v") == [(0,)]


COLUMN = Rename(Ref("column", "a", None, "t"), Ref("column", "c", None, "t"))
TABLE = Rename(Ref("table", "t"), Ref("table", "u"))


@pytest.mark.parametrize(("rename", "written"), [(COLUMN, "UPDATE t SET c = 1"), (TABLE, "UPDATE u SET a = 1")])
@pytest.mark.parametrize("more", ["b TEXT", "b TEXT UNIQUE"])
def test_after_a_rename_the_rebuild_knows_the_new_names(
    rename: Rename, written: str, more: str, database: Open, dialect: Dialect, inspect: Inspect
) -> None:
    before = "CREATE TABLE t (a INT CHECK (a > 0), b TEXT, g INT AS (a + 1)); CREATE INDEX i ON t (b) WHERE a > 1;"
    trigger = "CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE t SET a = 1; END;"
    conn = database(before + trigger + "INSERT INTO t (a, b) VALUES (1, 'x')")
    former = inspect(conn)
    target = before.replace("b TEXT", more)
    if rename is COLUMN:
        target = target.replace("(a ", "(c ").replace("a > 1", "c > 1")
    else:
        target = target.replace("TABLE t", "TABLE u").replace("ON t", "ON u")
    after = inspect(database(target))

    steps = plan(pair(former, after, renames=(rename,)), dialect)
    assert any(sql.startswith("CREATE TABLE") for sql in steps.upgrade()) == (more != "b TEXT")
    run(conn, dialect, steps.upgrade())
    assert tables(inspect(conn)) == after
    trigger_sql = conn.query("SELECT sql FROM sqlite_master WHERE type = 'trigger'")[0][0]
    assert written in trigger_sql.replace('"', "")

    run(conn, dialect, steps.rollback())
    names = (
        trigger_sql.replace('"', "")
        for (trigger_sql,) in conn.query("SELECT sql FROM sqlite_master WHERE type = 'trigger'")
    )
    assert list(names) == [trigger.removesuffix(";")]
    assert tables(inspect(conn)) == tables(former)
    assert conn.query("SELECT a, b, g FROM t") == [(1, "x", 2)]


def tables(schema: Schema) -> Schema:
    return Schema(item for item in schema.objects() if not isinstance(item, Definition))
