"""Valid input, damaged at random: files, configuration, state, our tables, models. Nothing ends in a traceback, in "This is a
bug in DBWarden" or in a hang.

A few seconds by default; ``DBWARDEN_TEST_NIGHTLY=1`` tries twenty times as many.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.acceptance.test_odd_input import ODD, Folder, rebuild_loosely
from tests.servers.server import Server
from tests.support.command import write_migration
from tests.support.effort import examples

BRIEF = settings(max_examples=examples(4), deadline=None, suppress_health_check=list(HealthCheck))

SNIPPETS = (
    "", "\n", "\r", "\0", "\x1b[31m", "'", '"', "$$", "/*", "--", ";", "(", ")", "[", "]", "{", "}", "\\", ":", ",", "=", "#",
    "${HOME}", "${", "\ufeff", "é", "😀", "\u202e", "None", "True", "-1", "1e999", "9" * 40, "[" * 2000, "null", "NaN", "\\ud800",
    "\n-- upgrade\n", "\n-- rollback\n", '-- depends_on: ["0001"]\n', "-- transaction: off\n", "BEGIN;", "COMMIT;", "DROP",
    "x" * 300,
)  # fmt: skip

MIGRATION = (
    '-- depends_on: ["0001"]\n\n-- upgrade\nCREATE TABLE second (a INTEGER);\n\n-- rollback\nDROP TABLE second;\n'
)
TOML = """
[databases.primary]
default = true
database_url_sync = "sqlite:///./app.db"
model_paths = ["models.py"]
lock_timeout = "5s"
ignore_tables = ["a_*"]
"""
MODELS = """
from sqlalchemy import CheckConstraint, Column, Enum, ForeignKey, Index, Integer, MetaData, String, Table, Text, text

metadata = MetaData()
notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Enum("a", "b", name="kind")),
    Column("text", String(20), server_default="x", nullable=False),
    Column("other", Integer, ForeignKey("others.id", ondelete="CASCADE")),
    CheckConstraint("length(text) > 0", name="ck"),
    Index("ix_notes", text("lower(text)")),
)
others = Table("others", metadata, Column("id", Integer, primary_key=True), Column("t", Text, unique=True))
"""


@st.composite
def damaged(draw: st.DrawFn, valid: str) -> str:
    """``valid`` after one to three changes: something is put in, taken out, doubled or swapped."""
    text = valid
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        snippet = draw(st.sampled_from(SNIPPETS))
        middle = draw(st.sampled_from((snippet, snippet, "", text[start:end] * 2, text[start:end].swapcase())))
        text = text[:start] + middle + text[end:]
    return text


def write(path: Path, text: str, odd_bytes: bytes = b"") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", errors="surrogatepass") + odd_bytes)


F = TypeVar("F", "OnSQLite", "OnPostgreSQL")


class OnSQLite(Folder):
    """Its database is a file."""

    TRUE = "1"
    restore: Callable[[], None]
    odd = tuple(ODD)

    def saved(self) -> Callable[[], None]:
        """What brings the database back to what it is now."""
        whole = (self.path / "app.db").read_bytes()

        def restore() -> None:
            shutil.rmtree(self.path / "app.db-journal", ignore_errors=True)
            (self.path / "app.db").write_bytes(whole)

        return restore

    def retype(self, table: str, column: str, type_: str) -> None:
        """Columns of SQLite take any value as they are."""


class OnPostgreSQL(Folder):
    """Its database is on a server. What that refuses to store is not a test of ours."""

    TRUE = "true"
    restore: Callable[[], None]
    odd = (
        "'infinity'", "'-infinity'", "'294276-01-01'", "'4713-01-01 BC'", "'0001-01-01 00:00+14'", "NULL", "''", "'many'", "'NaN'",
        "9" * 30, "-1", "2147483647", "9223372036854775807", "repeat('x', 100000)", "E'\\x1b[31m'", "E'a\\nb\\u202e'", "'{}'",
    )  # fmt: skip

    def __init__(self, path: Path, server: Server) -> None:
        self.server, self.name = server, f"fuzz_{secrets.token_hex(6)}"
        server.create_database(self.name)
        super().__init__(path, server.url(self.name))

    def execute(self, sql: str) -> None:
        with psycopg.connect(self.server.url(self.name), autocommit=True) as conn, suppress(psycopg.Error):
            conn.execute(sql.encode())

    def saved(self) -> Callable[[], None]:
        """What brings the database back to what it is now: it is a copy of a template."""
        self.admin(f"CREATE DATABASE {self.name}_saved TEMPLATE {self.name}")

        def restore() -> None:
            self.admin(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            self.admin(f"CREATE DATABASE {self.name} TEMPLATE {self.name}_saved")

        return restore

    def retype(self, table: str, column: str, type_: str) -> None:
        """The column as another program, or a person, might have declared it."""
        self.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {type_} USING {column}::text::{type_}")

    def admin(self, sql: str) -> None:
        """Beside the database."""
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as conn:
            conn.execute(sql.encode())

    def end(self) -> None:
        self.admin(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        self.admin(f"DROP DATABASE IF EXISTS {self.name}_saved WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[OnSQLite | OnPostgreSQL]:
    if request.param == "sqlite":
        yield _begun(OnSQLite(tmp_path))
        return
    servers = OnPostgreSQL(tmp_path, request.getfixturevalue("postgresql_server"))
    try:
        yield _begun(servers)
    finally:
        servers.end()


def _begun(setup: F) -> F:
    write_migration(setup.migrations, "0001_first", "CREATE TABLE first (a INTEGER);", "DROP TABLE first;")
    setup.run("migrate", code=0)
    setup.run("export-models", code=0)
    setup.restore = setup.saved()
    return setup


tails = st.sampled_from((b"", b"", b"", b"\xff", b"\xc3", b"\0"))


@BRIEF
@given(text=damaged(MIGRATION), tail=tails, name=damaged("0002_second"))
def test_migration_files(folder: Folder, text: str, tail: bytes, name: str) -> None:
    name = (
        name.replace("/", "_")
        .replace("\0", "")
        .encode("utf-8", "surrogateescape")[:200]
        .decode("utf-8", "surrogateescape")
    )
    path = folder.migrations / f"{name}.sql"
    write(path, text, tail)
    try:
        for command in (("status",), ("check",), ("migrate", "--dry-run"), ("--json", "make-migrations", "--plan")):
            folder.run(*command)
    finally:
        path.unlink()


@pytest.mark.parametrize("folder", ["sqlite"], indirect=True)
@BRIEF
@given(text=damaged(TOML), tail=tails)
def test_configuration(folder: Folder, text: str, tail: bytes) -> None:
    (folder.path / "warden.py").unlink(missing_ok=True)
    write(folder.path / "warden.toml", text, tail)
    for command in (("config",), ("status",), ("--json", "settings", "show")):
        folder.run(*command)


@BRIEF
@given(data=st.data())
def test_state_file(folder: Folder, data: st.DataObject) -> None:
    path = folder.path / ".dbwarden" / "primary" / "model_state.json"
    valid = path.read_text()
    write(path, data.draw(damaged(valid)), data.draw(tails))
    try:
        for command in (("diff", "--offline"), ("--json", "make-migrations", "--offline", "--plan")):
            folder.run(*command)
    finally:
        path.write_text(valid)


HISTORY = (
    "id migration kind file_name description checksum event statements_done statements_total at duration applied_by tool_version"
    " seed error rollback_sql"
).split()
LOCK = "id locked acquired_at release_at host pid holder_user command session heartbeat token".split()


@BRIEF
@given(data=st.data())
def test_our_tables(folder: OnSQLite | OnPostgreSQL, data: st.DataObject) -> None:
    restore = folder.restore
    table, columns = data.draw(st.sampled_from((("dbwarden_migrations", HISTORY), ("dbwarden_lock", LOCK))))
    rebuild_loosely(folder, table)
    if table == "dbwarden_lock":
        folder.execute(f"UPDATE {table} SET locked = {folder.TRUE}")
    for _ in range(data.draw(st.integers(1, 2))):
        column = data.draw(st.sampled_from(columns))
        if type_ := data.draw(st.sampled_from(("", "", "text", "timestamp", "numeric"))):
            folder.retype(table, column, type_)
        sql = f"UPDATE {table} SET {column} = {data.draw(st.sampled_from(folder.odd))}"
        note(f"{type_}: {sql}")
        folder.execute(sql)
    try:
        for command in (
            ("status",),
            ("history",),
            ("lock-status",),
            ("migrate", "--lock-wait", "0"),
            ("rollback", "--lock-wait", "0"),
        ):
            folder.run(*command)
    finally:
        restore()


@BRIEF
@given(text=damaged(MODELS))
def test_models(folder: Folder, text: str) -> None:
    write(folder.path / "models.py", text)
    for command in (("diff",), ("--json", "make-migrations", "--plan")):
        folder.run(*command)
