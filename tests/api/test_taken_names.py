"""A name that something else has, and views and triggers that stand in the way: told before, with what to do about it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

import dbwarden
from dbwarden.errors import NameTaken, ProofFailed
from tests.servers import mysql_family
from tests.servers.mysql_objects import query
from tests.support.project import Project

HEAD = "from sqlalchemy import *\n\nmetadata = MetaData()\n"
T = 'Table("t", metadata, Column("id", Integer, primary_key=True), Column("x", Text))\n'
VIEW = "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, x TEXT); CREATE VIEW v AS SELECT id, x FROM t;"


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    return Project(tmp_path / "project", database_url)


def script(project: Project, text: str) -> None:
    """Triggers have semicolons inside."""
    if project.engine == "sqlite":
        with sqlite3.connect(project.url.removeprefix("sqlite:///")) as connection:
            connection.executescript(text)
        connection.close()
    elif project.engine in ("mysql", "mariadb"):
        with mysql_family.connect(project.url) as connection:
            for sql in filter(None, text.split(";")):
                query(connection, sql)
    else:
        import psycopg

        with psycopg.connect(project.url, autocommit=True) as server:
            server.execute(text.encode())


# -- mapped to a view ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("drop_unowned", [False, True])
def test_a_model_that_is_mapped_to_a_view_asks_for_nothing(project: Project, drop_unowned: bool) -> None:
    project.execute(VIEW)
    project.models(HEAD + T + T.replace('"t"', '"v"').replace("Text", "Text, index=True"))
    options = dbwarden.CompareOptions(drop_unowned=drop_unowned)
    report = project.generate(options=options)
    steps = [step.change for step in report.steps if not step.change.startswith("alter column t.id")]
    assert not steps
    assert not report.rename_candidates
    assert (
        "A model is mapped to view v, so it is left alone. To make a table of it, drop the view first." in report.notes
    )
    assert not [change for change in dbwarden.diff(config=project.config).steps if " v" in change.change]


def test_beside_a_change_of_the_table_below(project: Project) -> None:
    script(project, VIEW + "INSERT INTO t VALUES (1, 'one');")
    project.models(HEAD + T.replace("))\n", '), Column("y", Integer))\n') + T.replace('"t"', '"v"'))
    assert project.generate().proof.proven
    project.migrate()
    assert project.generate().empty
    assert project.rows({"v": ["x"]}) == {"v": [("one",)]}
    project.rollback()


def test_in_another_case(tmp_path: Path, sqlite_url: str) -> None:
    project = Project(tmp_path / "project", sqlite_url)
    project.execute(VIEW)
    project.models(HEAD + T + T.replace('"t"', '"V"'))
    assert project.generate().empty


FTS = "CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES ('one');"


@pytest.mark.parametrize("drop_unowned", [False, True])
def test_a_model_that_is_mapped_to_a_virtual_table(tmp_path: Path, sqlite_url: str, drop_unowned: bool) -> None:
    """Neither it nor the tables that it keeps its rows in are touched."""
    project = Project(tmp_path / "project", sqlite_url)
    script(
        project, FTS + "CREATE VIRTUAL TABLE r USING rtree(id, a, b); CREATE TABLE r_config (id INTEGER PRIMARY KEY);"
    )
    config = 'Table("r_config", metadata, Column("id", Integer, primary_key=True), Column("y", Text))\n'
    project.models(
        HEAD + T + config + 'Table("F", metadata, Column("rowid", Integer, primary_key=True), Column("x", Text))\n'
    )
    report = project.generate(options=dbwarden.CompareOptions(drop_unowned=drop_unowned))
    assert {step.change.split(" ", 1)[1] for step in report.steps} <= {
        "table t",
        "column r_config.y",
        "column r_config.id",
    }
    note = "A model is mapped to virtual table f, so it is left alone. To make a table of it, drop the virtual table first."
    assert note in report.notes
    assert {"virtual table f", "virtual table r", "shadow table f_data", "shadow table r_node"} <= set(report.unowned)
    project.migrate()
    assert project.rows({"f": ["x"]}) == {"f": [("one",)]}
    assert project.generate(options=dbwarden.CompareOptions(drop_unowned=drop_unowned)).empty


def test_triggers_that_fill_a_virtual_table(tmp_path: Path, sqlite_url: str) -> None:
    project = Project(tmp_path / "project", sqlite_url)
    script(project, "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, x TEXT);" + FTS
           + "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO f (rowid, x) VALUES (new.id, new.x); END;")  # fmt: skip
    project.models(HEAD + T.replace("Text)", 'Text), Column("y", Integer, nullable=False, unique=True)'))
    assert project.generate().proof.proven
    project.migrate()
    project.execute("INSERT INTO t VALUES (7, 'two', 1)")
    assert project.rows({"f": ["x"]}) == {"f": [("one",), ("two",)]}
    project.models(HEAD + T.replace("Text)", 'Text), Column("z", Integer)'))
    assert project.generate().proof.proven


# -- a name that is taken -----------------------------------------------------------------------------------------

BOTH = [
    ("CREATE INDEX foo ON t (x);", T.replace('"t"', '"foo"'), "table foo cannot be created: index t.foo has that name"),
    (
        "CREATE INDEX foo ON t (x);",
        T.replace('"t"', '"u"').replace("Text)", 'Text), Index("foo", "x")'),
        "index u.foo cannot be created: index t.foo has that name",
    ),
    (
        "CREATE VIEW foo AS SELECT 1 AS a;",
        T.replace("Text)", 'Text), Index("foo", "x")'),
        "index t.foo cannot be created: view foo has that name",
    ),
]
POSTGRESQL = [
    ("CREATE SEQUENCE foo;", T.replace('"t"', '"foo"'), "table foo cannot be created: sequence foo has that name"),
    (
        "CREATE TYPE foo AS ENUM ('a');",
        T.replace('"t"', '"foo"'),
        "table foo cannot be created: enum foo has that name",
    ),
    (
        "CREATE DOMAIN foo AS text;",
        T.replace('"t"', '"u"').replace("Text", 'Enum("a", name="foo")'),
        "enum foo cannot be created: domain foo has that name",
    ),
    (
        "CREATE TABLE foo (a int);",
        'Sequence("foo", metadata=metadata)\n' + T,
        "sequence foo cannot be created: table foo has that name",
    ),
    (
        "CREATE INDEX foo ON t (x);",
        T.replace('"t"', '"u"').replace("Text)", 'Text), UniqueConstraint("x", name="foo")'),
        "unique u.foo cannot be created: index t.foo has that name",
    ),
    (
        "CREATE TYPE foo AS (a int, b text);",
        T.replace('"t"', '"foo"'),
        "table foo cannot be created: composite type foo has that name",
    ),
    (
        "CREATE TYPE foo AS (a int);",
        T.replace('"t"', '"u"').replace("Text", 'Enum("a", name="foo")'),
        "enum foo cannot be created: composite type foo has that name",
    ),
    (
        "CREATE TYPE foo AS (a int);",
        T.replace("Text)", 'Text), Index("foo", "x")'),
        "index t.foo cannot be created: composite type foo has that name",
    ),
    (
        "CREATE TYPE foo AS (a int);",
        'Sequence("foo", metadata=metadata)\n' + T,
        "sequence foo cannot be created: composite type foo has that name",
    ),
    (
        "CREATE TABLE foo (a int);",
        T.replace('"t"', '"u"').replace("Text", 'Enum("a", name="foo")'),
        "enum foo cannot be created: table foo has that name",
    ),
]
SQLITE = [
    (
        FTS.replace(" f ", " foo ", 1).replace("INTO f", "INTO foo"),
        T.replace('"t"', '"Foo_data"'),
        "table Foo_data cannot be created: shadow table foo_data has that name",
    ),
    (
        "CREATE VIRTUAL TABLE foo USING rtree(id, a, b);",
        T.replace("Text)", 'Text), Index("foo", "x")'),
        "index t.foo cannot be created: virtual table foo has that name",
    ),
    (
        "CREATE VIRTUAL TABLE foo USING rtree(id, a, b);",
        T.replace('"t"', '"foo_node"'),
        "table foo_node cannot be created: shadow table foo_node has that name",
    ),
]


def refused(project: Project, setup: str, models: str, message: str) -> None:
    script(project, "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, x TEXT);" + setup)
    project.models(HEAD + models)
    with pytest.raises(NameTaken) as caught:
        project.generate()
    assert caught.value.message == message
    assert "dbwarden new" in str(caught.value.hint)
    assert not project.files()
    assert message in dbwarden.diff(config=project.config).notes


@pytest.mark.parametrize(("setup", "models", "message"), BOTH)
def test_a_name_that_is_taken(project: Project, setup: str, models: str, message: str) -> None:
    if project.engine in ("mysql", "mariadb") and "index" in f"{setup}{models}".lower():
        return  # each table has names of its own for its indexes
    refused(project, setup, models, message)


@pytest.mark.parametrize(("setup", "models", "message"), POSTGRESQL)
def test_a_name_that_is_taken_on_postgresql(
    tmp_path: Path, postgresql_url: str, setup: str, models: str, message: str
) -> None:
    refused(Project(tmp_path / "project", postgresql_url), setup, models, message)


@pytest.mark.parametrize(("setup", "models", "message"), SQLITE)
def test_a_name_that_is_taken_on_sqlite(tmp_path: Path, sqlite_url: str, setup: str, models: str, message: str) -> None:
    refused(Project(tmp_path / "project", sqlite_url), setup, models, message)


def test_a_composite_type_stays(tmp_path: Path, postgresql_url: str) -> None:
    """Also with ``--drop-unowned``. What an attribute is of cannot be exchanged below it: the rollback says so."""
    project = Project(tmp_path / "project", postgresql_url)
    models = HEAD + T.replace("Text", 'Enum("a", name="e")')
    project.reach(models)
    script(project, 'CREATE TYPE c AS (e e, "N" varchar(5) COLLATE "C"); CREATE TYPE b AS (c c[]);')
    project.models(models.replace("))\n", '), Column("y", Text))\n'))
    report = project.generate(options=dbwarden.CompareOptions(drop_unowned=True))
    assert report.proof.proven
    assert {"composite type b", "composite type c"} <= set(report.unowned)
    project.models(models.replace('"a"', '"a", "b"').replace("))\n", '), Column("y", Text))\n'))
    report = project.generate()
    assert "-- irreversible: " in report.text and "composite type c is made of it" in report.text
    assert len(project.files()) == 3, "the second is pending, and was applied beside the composite types"


def test_a_name_that_becomes_free(project: Project) -> None:
    """What is dropped in the same file is not in the way."""
    table = T.replace("Text", "String(20)")
    project.reach(HEAD + table.replace("))\n", '), Index("foo", "x"))\n'))
    project.models(HEAD + table + table.replace('"t"', '"foo"'))
    assert project.generate().proof.proven
    project.migrate()
    assert project.generate().empty
    project.rollback()


# -- in the way ---------------------------------------------------------------------------------------------------


def test_a_view_stands_in_the_way(project: Project) -> None:
    project.execute(VIEW)
    project.models(HEAD + T.replace(', Column("x", Text)', ""))
    with pytest.raises(ProofFailed) as caught:
        project.generate()
    assert "view v stands in the way" in str(caught.value.hint)
    assert "dbwarden new" in str(caught.value.hint)
    assert "report" not in str(caught.value.hint)
    folder = project.folder / "migrations" / "primary"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "0001_drop_v.sql").write_text(
        "-- upgrade\nDROP VIEW v;\n\n-- rollback\nCREATE VIEW v AS SELECT id, x FROM t;\n"
    )
    assert project.generate().proof.proven, "the way out that the hint shows"


@pytest.mark.parametrize("view", ["CREATE VIEW v AS SELECT id, x FROM t;", "CREATE VIEW v AS SELECT id AS t FROM u;"])
def test_a_view_on_a_table_that_is_dropped(project: Project, view: str) -> None:
    """Also where the engine would drop the table and leave a view that cannot be read."""
    other = T.replace('"t"', '"u"')
    project.reach(HEAD + T + other)
    project.execute(view)
    project.models(HEAD + other)
    if "FROM u" in view:
        assert project.generate().proof.proven, "the word is in the view, the table is not"
        return
    with pytest.raises(ProofFailed) as caught:
        project.generate()
    assert "view v stands in the way" in str(caught.value.hint)
    assert "`--keep-table t`" in str(caught.value.hint)
    assert len(project.files()) == 1
    assert project.generate(options=dbwarden.CompareOptions(drops=dbwarden.DropFlags(keep=["t"]))).empty
    project.execute("DROP VIEW v;")
    assert project.generate().proof.proven


def test_a_trigger_that_writes_to_a_table_that_is_dropped(tmp_path: Path, sqlite_url: str) -> None:
    project = Project(tmp_path / "project", sqlite_url)
    other = T.replace('"t"', '"u"')
    project.reach(HEAD + T + other)
    script(project, "CREATE TRIGGER tr AFTER INSERT ON u BEGIN INSERT INTO t (x) VALUES (new.x); END;")
    project.models(HEAD + other)
    with pytest.raises(ProofFailed) as caught:
        project.generate()
    assert "trigger u.tr stands in the way" in str(caught.value.hint)


TRIGGERS = {
    "sqlite": "CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE t SET x = upper(new.x); END;",
    "mysql": "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.x = upper(NEW.x);",
    "mariadb": "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.x = upper(NEW.x);",
    "postgresql": "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';"
    "CREATE TRIGGER tr AFTER UPDATE OF x ON t FOR EACH ROW EXECUTE FUNCTION f();",
}


def test_a_trigger_stands_in_the_way(project: Project) -> None:
    script(project, "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, x TEXT);" + TRIGGERS[project.engine])
    project.models(HEAD + T.replace(', Column("x", Text)', ""))
    with pytest.raises(ProofFailed) as caught:
        project.generate()
    assert "trigger t.tr stands in the way" in str(caught.value.hint)
    assert "report" not in str(caught.value.hint)


@pytest.mark.parametrize(
    ("definition", "name"),
    [
        ("CREATE VIEW v AS SELECT x FROM t;", "view v"),
        ("CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO l VALUES (new.x); END;", "trigger t.tr"),
        ("CREATE TRIGGER tr AFTER DELETE ON l BEGIN UPDATE t SET x = old.x; END;", "trigger l.tr"),
        ("CREATE TRIGGER tr AFTER UPDATE OF x ON l BEGIN DELETE FROM t WHERE x = old.x; END;", "trigger l.tr"),
    ],
)
def test_a_rebuild_breaks_no_view_and_no_trigger(tmp_path: Path, sqlite_url: str, definition: str, name: str) -> None:
    """SQLite itself does not look: the column is gone, and the next insert fails."""
    project = Project(tmp_path / "project", sqlite_url)
    script(
        project,
        f"CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, x TEXT, y TEXT); CREATE TABLE l (x TEXT); {definition}",
    )
    log = 'Table("l", metadata, Column("x", Text))\n'
    project.models(HEAD + log + T.replace('"x", Text', '"y", Integer'))
    with pytest.raises(ProofFailed) as caught:
        project.generate()
    assert f"{name} stands in the way" in str(caught.value.hint)
    project.models(HEAD + log + T.replace('"x", Text', '"x", Text), Column("y", Integer'))
    assert project.generate().proof.proven, "what does not break it"
    project.migrate()
    assert project.generate().empty


def test_a_trigger_that_was_broken_before_is_not_in_the_way(tmp_path: Path, sqlite_url: str) -> None:
    project = Project(tmp_path / "project", sqlite_url)
    script(project, "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, x TEXT);"
           "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO gone VALUES (1); END;")  # fmt: skip
    project.reach(HEAD + T.replace("Text", "Integer"))
    assert project.generate().empty


def test_the_triggers_of_a_view_stay(tmp_path: Path, sqlite_url: str) -> None:
    project = Project(tmp_path / "project", sqlite_url)
    script(project, VIEW + "CREATE TRIGGER tr INSTEAD OF INSERT ON v BEGIN INSERT INTO t (x) VALUES (new.x); END;"
           "CREATE TRIGGER tu INSTEAD OF UPDATE OF x ON v BEGIN UPDATE t SET x = new.x; END;")  # fmt: skip
    project.models(HEAD + T.replace("Text)", 'Text), Column("y", Integer, nullable=False, unique=True)'))
    report = project.generate()
    assert [step.change for step in report.steps] == ["alter table t"]
    project.migrate()
    project.rollback()
    assert project.rows({"sqlite_master": ["name"]})["sqlite_master"].count(("tu",)) == 1
