"""The proof of ``make-migrations`` where the scratch is not all that the database is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dbwarden import dialects, make_migrations
from dbwarden.api.connection import connect
from dbwarden.errors import DatabaseError, MigrationFailed
from dbwarden.runtime.connection import DatabaseConnection
from tests.servers import TRANSACTIONAL
from tests.support.command import run, write_project
from tests.support.project import Project

pytestmark = pytest.mark.acceptance

MODELS = """
from sqlalchemy import *
from sqlalchemy.dialects import postgresql as pg

metadata = MetaData()
t = Table("t", metadata, Column("id", Integer, primary_key=True), Column("v", {type}){more})
"""
IS_EMAIL = "CREATE FUNCTION is_email(v text) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$ SELECT v LIKE '%@%' $$;"
NEEDS = {
    "check": ("Text", ", CheckConstraint('is_email(v)', name='ck')"),
    "default": ("Text, server_default=text(\"is_email('a')::text\")", ""),
    "index": ("Text", ", Index('ix', text('is_email(v)'))"),
    "generated column": ("Boolean, Computed(\"is_email('a@b')\")", ""),
}


def make(folder: Path, url: str, type_: str, more: str, *sql: str) -> tuple[str, str]:
    """What the command says, and the file that it writes."""
    migrations = write_project(folder, url)
    for statement in sql:
        Project(folder / "by_hand", url).execute(statement)
    (folder / "models.py").write_text(MODELS.format(type=type_, more=more))
    output = run(folder, "make-migrations", "first")
    (file,) = migrations.glob("*.sql")
    return output, file.read_text()


@pytest.mark.parametrize("where", NEEDS)
def test_functions_that_expressions_call_come_along(tmp_path: Path, postgresql_url: str, where: str) -> None:
    output, text = make(tmp_path, postgresql_url, *NEEDS[where], IS_EMAIL)
    assert text.startswith("-- proven: postgresql"), output
    run(tmp_path, "migrate")


KEYS = {
    "integer": ("Column('id', Integer, primary_key=True)", ""),
    "text": ("Column('id', Text, primary_key=True)", "upgrade only without rows: t.id, "),
    "integer without rowid": (
        "Column('id', Integer, primary_key=True), sqlite_with_rowid=False",
        "upgrade only without rows: t.id, ",
    ),
}


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_sqlite_numbers_needs_no_empty_table(tmp_path: Path, sqlite_url: str, key: str) -> None:
    project = Project(tmp_path / "project", sqlite_url)
    models = "from sqlalchemy import *\nmetadata = MetaData()\nTable('t', metadata, Column('name', Text{}), {})\n"
    project.models(models.format(", primary_key=True", "Column('n', Integer)"))
    project.generate()
    project.migrate()
    column, warning = KEYS[key]
    project.models(models.format("", column))
    text = project.generate().text
    assert f"schema exact, {warning}data lost: t.n, data lost on rollback: t.id" in text
    project.execute("INSERT INTO t (name, n) VALUES ('a', 5), ('b', 6)")
    if warning:
        with pytest.raises(MigrationFailed, match="NOT NULL constraint failed"):
            project.migrate()
    else:
        project.migrate()
        assert project.rows({"t": ["id", "name"]}) == {"t": [("1", "a"), ("2", "b")]}


UNPROVEN = {
    "function": ("Text", ", CheckConstraint('nowhere(v)', name='ck')", "function nowhere(text) does not exist"),
    "type": ("pg.CITEXT", "", 'type "citext" does not exist'),
    "tablespace": ("Text", ", Index('ix', 'v', postgresql_tablespace='fast')", 'tablespace "fast" does not exist'),
    "text search configuration": (
        "Text",
        ", Index('ix', text(\"to_tsvector('mine', v)\"), postgresql_using='gin')",
        'text search configuration "mine" does not exist',
    ),
    "collation": ("Text(collation='mine')", "", 'collation "mine"'),
    "operator class": ("Text", ", Index('ix', 'v', postgresql_ops={'v': 'my_ops'})", 'operator class "my_ops"'),
    "sequence": ("BigInteger, server_default=text(\"nextval('theirs')\")", "", 'relation "theirs" does not exist'),
}


@pytest.mark.parametrize("what", UNPROVEN)
def test_what_neither_file_nor_schema_provides_leaves_it_unproven(
    tmp_path: Path, postgresql_url: str, what: str
) -> None:
    *model, reason = UNPROVEN[what]
    output, text = make(tmp_path, postgresql_url, *model)
    assert text.startswith("-- unproven: the scratch lacks what statement "), text
    assert reason in text.splitlines()[0] and "Unproven: " in output


UNPROVEN_SQLITE = {
    "function": ("Text", ", Index('ix', text('nowhere(v)'))", "no such function: nowhere"),
    "collation": ("Text", ", Index('ix', text('v COLLATE mine'))", "no such collation sequence: MINE"),
}


@pytest.mark.parametrize("what", UNPROVEN_SQLITE)
def test_what_an_application_registers_leaves_it_unproven(tmp_path: Path, sqlite_url: str, what: str) -> None:
    *model, reason = UNPROVEN_SQLITE[what]
    output, text = make(tmp_path, sqlite_url, *model)
    assert text.startswith("-- unproven: the scratch lacks what statement "), text
    assert reason in text.splitlines()[0] and "Unproven: " in output


OWN_FAULT = {
    "argument types": (
        ", CheckConstraint(\"date_trunc('day', v) IS NOT NULL\", name='ck')",
        "date_trunc(unknown, text)",
    ),
    "operator": (", CheckConstraint('v = id', name='ck')", "operator does not exist: text = integer"),
    "column": (", CheckConstraint('nothing > 1', name='ck')", 'column "nothing" does not exist'),
}


@pytest.mark.parametrize("what", OWN_FAULT)
def test_what_no_database_would_take_is_an_error(tmp_path: Path, postgresql_url: str, what: str) -> None:
    more, reason = OWN_FAULT[what]
    migrations = write_project(tmp_path, postgresql_url)
    (tmp_path / "models.py").write_text(MODELS.format(type="Text", more=more))
    output = run(tmp_path, "make-migrations", "first", code=1)
    assert reason in output and "statement 1 failed" in re.sub(r"\s+", " ", output)
    assert not list(migrations.glob("*.sql"))


LACKING = {
    "CREATE EXTENSION nowhere": "files of the extension nowhere",
    "CREATE TABLE app.t (n integer)": "app",
    "GRANT ALL ON SCHEMA public TO nobody": "nobody",
    "CREATE FUNCTION f() RETURNS integer LANGUAGE plnothing AS ''": "plnothing",
    "SELECT public.nowhere(1)": "nowhere",
    "SELECT lower(1)": None,
    "SELECT 1 + 'a'::text": None,
    "SELECT nothing": None,
    "SELECT 1/0": None,
}


@pytest.mark.parametrize("sql", LACKING)
def test_what_a_server_lacks_is_read_from_its_error(postgresql_url: str, sql: str) -> None:
    with connect(postgresql_url) as conn:
        with pytest.raises(DatabaseError) as caught:
            conn.execute(sql)
        error = caught.value
        assert dialects.get("postgresql").missing_dependency(conn, error.sqlstate, error.message) == LACKING[sql]


def test_models_that_the_server_refuses_may_be_at_fault(tmp_path: Path, postgresql_url: str) -> None:
    migrations = write_project(tmp_path, postgresql_url)
    more = "\nTable('u', metadata, Column('t_v', Text, ForeignKey('t.v')))"
    (tmp_path / "models.py").write_text(MODELS.format(type="Text", more="") + more)
    output = run(tmp_path, "make-migrations", "first", code=1)
    assert "there is no unique constraint matching given keys" in output
    assert "Where metadata.create_all() fails too, correct the models" in output
    assert not list(migrations.glob("*.sql"))


# -- the proof is bound to the text ---------------------------------------------------------------------------------


@pytest.fixture
def proven(tmp_path: Path, database_url: str) -> Path:
    """A generated file that is pending, and proven."""
    migrations = write_project(tmp_path, database_url)
    (tmp_path / "models.py").write_text(MODELS.format(type="String(20)", more=""))
    run(tmp_path, "make-migrations", "first")
    run(tmp_path, "migrate")
    (tmp_path / "models.py").write_text(MODELS.format(type="String(20)", more=", Column('w', Integer)"))
    run(tmp_path, "make-migrations", "second")
    return migrations / "0002_second.sql"


def edit(file: Path, old: str, new: str) -> None:
    """Replace the regular expression ``old``."""
    text, times = re.subn(old, new, file.read_text())
    assert times
    file.write_text(text)


STALE = "prove-what-was-edited"
EDITS = {
    "upgrade": (r"ADD COLUMN w INT(EGER)?", "ADD COLUMN w BIGINT"),
    "rollback": ("DROP COLUMN w", "RENAME COLUMN w TO gone"),
    "transaction": ("-- proven", "-- transaction: off\n-- proven"),
}


EDITED = [("upgrade", engine) for engine in TRANSACTIONAL] + [("rollback", "sqlite"), ("transaction", "sqlite")]
"""The digest is of the text, whatever the engine."""


@pytest.mark.parametrize(("what", "database_url"), EDITED, indirect=["database_url"])
def test_an_edited_file_is_stale(tmp_path: Path, proven: Path, what: str) -> None:
    assert STALE not in run(tmp_path, "check")
    edit(proven, r"ALTER TABLE t\s+ADD", "-- a comment is no edit\nALTER  TABLE t  ADD")
    assert STALE not in run(tmp_path, "check")
    assert "after it was proven" not in run(tmp_path, "status")
    edit(proven, *EDITS[what])
    findings = run(tmp_path, "check", "--force")
    assert f"{STALE}]" in findings and "  migrations/primary/0002_second.sql:" in findings
    assert "  WARN      the proof in the header is stale" in findings
    status = run(tmp_path, "status")
    assert (
        "0002_second.sql was edited after it was proven: `dbwarden check -d primary --prove 0002_second.sql`" in status
    )
    assert "was edited after it was proven" in run(tmp_path, "migrate", "--dry-run")


def test_a_header_without_a_digest_is_not_bound(tmp_path: Path, proven: Path) -> None:
    proven.write_text(re.sub(r"; digest [0-9a-f]{16}", "", proven.read_text()))
    findings = run(tmp_path, "check")
    assert f"[{STALE}]" in findings and "  INFO      the proof" in findings and "carries no digest" in findings


def test_an_edited_file_is_proven_anew(tmp_path: Path, proven: Path, database_url: str) -> None:
    edit(proven, r"ADD COLUMN w INT(EGER)?", "ADD COLUMN w BIGINT")
    output = run(tmp_path, "check", "--prove", "0002_second.sql")
    engine = database_url.partition(":")[0]
    assert re.search(
        rf"Proven: {engine} [\d.]+, upgrade/rollback/upgrade, rollback exact, data lost on rollback: t.w", output
    )
    assert "t.w: BIGINT instead of INT" in output
    assert re.match(rf"-- proven: {engine} [\d.]+, .*; digest [0-9a-f]{{16}}\n\n-- upgrade\n", proven.read_text())
    assert STALE not in run(tmp_path, "check")
    run(tmp_path, "migrate")
    output = run(tmp_path, "check", "--prove", "2", code=2)
    assert "0002_second.sql is applied: only a pending file can be proven" in output


def test_the_sandbox_proves_anew_what_is_stale(tmp_path: Path, proven: Path) -> None:
    before = proven.read_text()
    run(tmp_path, "migrate", "--sandbox")
    assert proven.read_text() == before  # nothing to be said anew
    edit(proven, r"ADD COLUMN w INT(EGER)?", "ADD COLUMN w INTEGER DEFAULT 7")
    output = run(tmp_path, "migrate", "--sandbox", code=1)  # the models know of no default
    assert "0002_second.sql: its header now says what was proved" in output
    assert STALE not in run(tmp_path, "check")


def test_what_does_not_hold_is_not_proven_anew(tmp_path: Path, proven: Path) -> None:
    edit(proven, "DROP COLUMN w", "RENAME COLUMN w TO gone")
    edited = proven.read_text()
    output = run(tmp_path, "check", "--prove", str(proven), code=1)
    assert "the rollback does not lead back" in output and "its header is unchanged" in output
    run(tmp_path, "migrate", "--sandbox", code=1)
    assert proven.read_text() == edited


def test_a_file_by_hand_is_proven_when_it_is_asked_for(tmp_path: Path, proven: Path) -> None:
    file = proven.with_name("0003_by_hand.sql")
    text = "-- written by hand\n\n-- upgrade\nUPDATE t SET v = 'x';\n\n-- rollback\nUPDATE t SET v = 'y';\n"
    file.write_text(text)
    run(tmp_path, "migrate", "--sandbox")
    assert file.read_text() == text
    run(tmp_path, "check", "--prove", "3")
    assert re.match(
        r"-- written by hand\n-- proven: .*, rollback exact, changes of rows not judged; digest ", file.read_text()
    )


# -- what an owned table stands on and nobody owns --------------------------------------------------------------------

ADOPTED = {
    "enum": ("CREATE TYPE t_status AS ENUM ('on', 'off')", "t_status", "on"),
    "domain": ("CREATE DOMAIN t_status AS text CHECK (VALUE <> '')", "t_status", "x"),
    "domain of an enum": (
        "CREATE TYPE base AS ENUM ('on', 'off'); CREATE DOMAIN t_status AS base", "t_status", "on",
    ),
    "sequence": ("CREATE SEQUENCE s", "integer DEFAULT nextval('s')", "1"),
    "enum of a schema": ("CREATE SCHEMA app; CREATE TYPE app.t_status AS ENUM ('on', 'off')", "app.t_status", "on"),
}  # fmt: skip


@pytest.mark.parametrize("what", ADOPTED)
def test_the_scratch_has_what_an_adopted_table_stands_on(tmp_path: Path, postgresql_url: str, what: str) -> None:
    """A type, sequence or schema that the models no longer name is left alone in the database, and comes along."""
    made, type_, value = ADOPTED[what]
    migrations = write_project(tmp_path, postgresql_url)
    project = Project(tmp_path / "by_hand", postgresql_url)
    project.execute(made)
    project.execute(f"CREATE TABLE t (id serial PRIMARY KEY, v {type_})")
    project.execute(f"INSERT INTO t (v) VALUES ('{value}')")
    (tmp_path / "models.py").write_text(MODELS.format(type="String(100)", more=""))
    output = run(tmp_path, "make-migrations", "text")
    (file,) = migrations.glob("*.sql")
    assert file.read_text().startswith("-- proven: postgresql"), output
    run(tmp_path, "migrate", "--force")
    run(tmp_path, "rollback")
    assert project.rows({"t": ["v"]}) == {"t": [(value,)]}


def test_a_foreign_key_of_a_table_that_nobody_owns_is_in_the_scratch(tmp_path: Path, postgresql_url: str) -> None:
    migrations = write_project(tmp_path, postgresql_url)
    project = Project(tmp_path / "by_hand", postgresql_url)
    project.execute("CREATE TABLE t (id serial PRIMARY KEY, v text UNIQUE)")
    project.execute("CREATE TABLE theirs (v text REFERENCES t (v))")
    (tmp_path / "models.py").write_text(MODELS.format(type="Text", more=""))
    output = run(tmp_path, "make-migrations", "drop the key", code=1)
    assert "other objects depend on it" in output, output
    assert not list(migrations.glob("*.sql"))


def test_a_proof_of_many_tables_sends_few_messages(
    tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Statements go many at a time, and an inspection asks for nothing that is not there: 859 messages at first."""
    write_project(tmp_path, postgresql_url)
    tables = "Table('t{0}', metadata, Column('id', Integer, primary_key=True), Column('v', Text, index=True))\n"
    models = "from sqlalchemy import *\n\nmetadata = MetaData()\n" + "".join(map(tables.format, range(60)))
    (tmp_path / "models.py").write_text(models)
    monkeypatch.chdir(tmp_path)
    sent: list[str] = []
    run_statement = DatabaseConnection._run
    monkeypatch.setattr(
        DatabaseConnection, "_run", lambda self, sql, params: sent.append(sql) or run_statement(self, sql, params)
    )
    report = make_migrations()
    assert report.proof is not None and report.proof.proven
    assert len(report.steps) >= 60
    assert len(sent) <= 85, "\n".join(sql.lstrip("-")[:80] for sql in sent)
