"""Input that nobody foresees: each ends in one clear error with an exit code, or simply works; never in a traceback or a hang."""

from __future__ import annotations

import json
import os
import pwd
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command import environment, write_migration, write_project
from tests.support.effort import sample
from tests.support.forked import run_forked

MODELS = """
from sqlalchemy import Column, Integer, MetaData, Table, Text

metadata = MetaData()
notes = Table("notes", metadata, Column("id", Integer, primary_key=True), Column("text", Text))
"""


class Folder:
    """A project, on SQLite without another URL, whose command is run as a process of its own."""

    def __init__(self, path: Path, url: str = "sqlite:///./app.db") -> None:
        self.path = path
        self.before: Callable[[], object] | None = None
        self.migrations = write_project(path, url)
        self.models(MODELS)

    def models(self, source: str) -> None:
        (self.path / "models.py").write_text(source)

    def execute(self, sql: str) -> None:
        with sqlite3.connect(self.path / "app.db") as conn:
            conn.executescript(sql)
        conn.close()

    def run(self, *argv: str, code: int | None = None, **variables: str | None) -> str:
        """Both outputs. Whatever the input is: no traceback, no "bug in DBWarden", an end within 30 seconds."""
        out, err, status = self.outputs(*argv, **variables)
        if code is not None:
            assert status == code, f"ended with {status}:\n{out}{err}"
        return out + err

    def outputs(self, *argv: str, **variables: str | None) -> tuple[str, str, int]:
        env = {name: value for name, value in {**environment(), **variables}.items() if value is not None}
        out, err, status = run_forked(self.path, list(argv), env, self.before)
        assert_foreseen(out + err, status)
        return out, err, status


_EITHER = "Where metadata.create_all() fails too, correct the models; otherwise this is a mistake in DBWarden"


def assert_foreseen(text: str, code: int) -> None:
    assert code in (0, 1, 2, 3, 4, 5), f"ended with {code}:\n{text}"
    assert "Traceback" not in text, text
    assert "bug in DBWarden" not in text, text
    assert "mistake in DBWarden" not in text.replace(_EITHER, ""), text
    assert code == 0 or text.strip(), f"nothing was said, ended with {code}"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def applied(folder: Folder) -> Folder:
    write_migration(folder.migrations, "0001_first", "CREATE TABLE first (a INTEGER);", "DROP TABLE first;")
    folder.run("migrate", code=0)
    return folder


# -- models -------------------------------------------------------------------------------------------------------

RENAMES_A_TYPE = """
from sqlalchemy import Column, Integer, MetaData, String, Table, event

metadata = MetaData()
notes = Table("notes", metadata, Column("id", Integer, primary_key=True), Column("text", String({length})))


@event.listens_for(notes, "before_create")
def shorten(table, connection, **_):
    table.c.text.type = String(7)
"""


def test_a_listener_that_changes_the_models_is_noted_with_every_outcome(folder: Folder) -> None:
    folder.models(RENAMES_A_TYPE.format(length=20))
    assert "may change the models" in folder.run("make-migrations", code=0)


def test_a_listener_is_noted_with_a_failure(folder: Folder) -> None:
    """A name that the listener would have given to a default: without it the statement cannot run."""
    folder.models(
        RENAMES_A_TYPE.format(length=20)
        .replace("String(20))", 'String(20), server_default=text("(the_default())"))')
        .replace("event\n", "event, text\n", 1)
    )
    output = folder.run("make-migrations")
    assert "may change the models" in output


DEFERRED = """
from sqlalchemy import Column, Integer
from sqlalchemy.ext.declarative import DeferredReflection
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase): ...


class Note(DeferredReflection, Base):
    __tablename__ = "notes"
"""


@pytest.mark.parametrize("columns", ["", "    id = Column(Integer, primary_key=True)\n"])
@pytest.mark.parametrize("command", ["make-migrations", "diff", "check", "export-models"])
def test_deferred_reflection(folder: Folder, command: str, columns: str) -> None:
    folder.execute("CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, text TEXT); CREATE TABLE other (id INTEGER);")
    folder.models(DEFERRED + columns)
    output = folder.run(command)
    assert "drop column" not in output
    assert "create table" not in output.lower()


REPR = """
from sqlalchemy import Column, Integer, MetaData, Table, Text, types


class Strange(types.UserDefinedType):
    cache_ok = True

    def __repr__(self):
        raise RuntimeError("no repr")

    __str__ = __repr__

    def get_col_spec(self, **kw):
        return {spec}


class Default:
    def __repr__(self):
        raise RuntimeError("no repr")

    __str__ = __repr__


metadata = MetaData()
Table("notes", metadata, Column("id", Integer, primary_key=True), Column("x", Strange()), Column("y", Text, default=Default()))
"""


@pytest.mark.parametrize("spec", ['"TEXT"', "1 / 0", "None", "7"])
def test_a_repr_that_raises(folder: Folder, spec: str) -> None:
    folder.models(REPR.format(spec=spec))
    folder.run("make-migrations", code=0 if spec == '"TEXT"' else 2)


ERROR = """
class Broken({base}):
    def __str__(self):
        raise RuntimeError("no str")

    __repr__ = __str__


raise Broken("x")
"""


@pytest.mark.parametrize("base", ["Exception", "BaseException", "SystemExit", "GeneratorExit"])
@pytest.mark.parametrize("file", ["models.py", "warden.py"])
def test_an_exception_that_cannot_be_shown(folder: Folder, file: str, base: str) -> None:
    (folder.path / file).write_text(ERROR.format(base=base))
    output = folder.run("make-migrations", code=2)
    assert file in output
    assert "Broken" in output


@pytest.mark.parametrize(
    "text", ["class B(BaseException): ...\nraise B('stop')", "raise SystemExit(0)", "import sys\nsys.exit()"]
)
def test_a_configuration_that_raises_no_exception(folder: Folder, text: str) -> None:
    (folder.path / "warden.py").write_text(text)
    assert "warden.py" in folder.run("status", code=2)


NOISE = "import os, sys\nprint('noise')\nsys.stdout.write('more')\nos.write(1, b'raw')\nos.system('echo child')\n"


@pytest.mark.parametrize("file", ["models.py", "warden.py"])
@pytest.mark.parametrize("command", [("make-migrations",), ("diff",), ("check",), ("status",), ("config",)])
def test_printing_leaves_the_document_whole(folder: Folder, file: str, command: tuple[str, ...]) -> None:
    path = folder.path / file
    path.write_text(NOISE + path.read_text())
    out, err, _ = folder.outputs("--json", *command)
    json.loads(out)
    if file == "warden.py" or command[0] not in ("status", "config"):
        assert "noise" in err
        assert "raw" in err


# -- files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["migrate", "status", "check", "make-migrations", "history"])
def test_a_file_name_that_is_not_utf8(folder: Folder, command: str) -> None:
    (folder.path / os.fsdecode(b"migrations/primary/0001_\xff\xfe.sql")).write_text(
        "-- upgrade\nSELECT 1;\n\n-- rollback\nSELECT 1;\n"
    )
    folder.run(command)
    out, _, _ = folder.outputs("--json", command)
    json.loads(out)


@pytest.mark.parametrize("command", ["migrate", "status", "check", "make-migrations"])
def test_a_migration_that_is_a_pipe(folder: Folder, command: str) -> None:
    os.mkfifo(folder.migrations / "0001_pipe.sql")
    assert "0001_pipe.sql" in folder.run(command, code=1)


@pytest.mark.parametrize("name", ["warden.toml", ".dbwarden/primary/model_state.json", "pyproject.toml"])
def test_another_file_that_is_a_pipe(folder: Folder, name: str) -> None:
    if name.endswith(".toml"):
        (folder.path / "warden.py").unlink()
    (folder.path / name).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(folder.path / name)
    folder.run("diff", "--offline")


def test_escape_sequences_in_file_names(folder: Folder) -> None:
    name = "0001_\x1b[31mred\x1b[0m\x07.sql"
    (folder.migrations / name).write_text("-- upgrade\nSELECT 1;\n\n-- rollback\nSELECT 1;\n")
    (folder.migrations / "0002_\x1b]0;title\x07.sql").write_text("-- nothing\n\x9b")
    for command in ("status", "check", "migrate", "history"):
        output = folder.run(command)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", output.replace("\r", "")), repr(output)


def test_escape_sequences_from_models_and_database(folder: Folder) -> None:
    folder.execute('CREATE TABLE "a\x1b[31mb" (id INTEGER);')
    folder.models(MODELS.replace('"notes"', '"n\\x1b[2Jotes"'))
    output = folder.run("make-migrations")
    assert "\x1b" not in output, repr(output)


def test_circular_dependencies_are_not_safe(folder: Folder) -> None:
    for number, other in (("0001", "0002"), ("0002", "0001")):
        (folder.migrations / f"{number}_x.sql").write_text(
            f'-- depends_on: ["{other}"]\n\n-- upgrade\nCREATE TABLE t{number} (a INTEGER);\n\n-- rollback\nDROP TABLE t{number};\n'
        )
    assert "0001_x.sql -> 0002_x.sql" in folder.run("check", code=2)
    assert "SAFE" not in folder.run("check", "--offline")


DEEP = [
    "a = " + "[" * 5000 + "]" * 5000,
    "a = " + "{a=" * 5000 + "1" + "}" * 5000,
    "[" + "a." * 5000 + "b]",
    "a = 1" + "0" * 5000,
]


@pytest.mark.parametrize("text", DEEP)
@pytest.mark.parametrize("file", ["warden.toml", "pyproject.toml"])
def test_deep_toml(folder: Folder, text: str, file: str) -> None:
    (folder.path / "warden.py").unlink()
    (folder.path / file).write_text(f"[tool.dbwarden]\n{text}\n" if file == "pyproject.toml" else text)
    assert file in folder.run("status", code=2)


# -- the state file -----------------------------------------------------------------------------------------------


def test_a_state_file_with_odd_values(folder: Folder) -> None:
    folder.run("export-models", code=0)
    path = folder.path / ".dbwarden" / "primary" / "model_state.json"
    text = path.read_text()
    replacements = {
        '"notes"': ['"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"a\\u001b[31mb"', "1e999", "[" * 3000 + "]" * 3000],
        '"format": 1': ['"format": 1e400', '"format": 1' + "0" * 5000, '"version": NaN', '"version": -Infinity', '"version": true'],
    }  # fmt: skip
    for old, values in replacements.items():
        assert old in text, text
        for value in values:
            path.write_text(text.replace(old, value))
            for command in ("diff", "make-migrations", "check"):
                output = folder.run(command, "--offline")
                assert "\x1b" not in output
    path.write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    folder.run("diff", "--offline", code=2)


# -- the tables that we keep --------------------------------------------------------------------------------------

WAITING = ("migrate", "--lock-wait", "0"), ("rollback", "--lock-wait", "0")
ODD = ["'yesterday'", "'many'", "''", "NULL", "x'00ff'", "9" * 30, "1e300", "-1", "'\x1b[31m'"]


@pytest.mark.parametrize("column", [
    "migration", "kind", "file_name", "description", "checksum", "event", "statements_done", "statements_total", "at", "duration",
    "applied_by", "tool_version", "seed", "error", "rollback_sql",
])  # fmt: skip
def test_odd_values_in_the_history(applied: Folder, column: str) -> None:
    rebuild_loosely(applied, "dbwarden_migrations")
    for number, value in enumerate(ODD, len(column)):
        applied.execute(f"UPDATE dbwarden_migrations SET {column} = {value}")
        for command in sample(("status", "history", "check"), number):
            output = applied.run(command)
            assert "\x1b" not in output, repr(output)


@pytest.mark.parametrize(
    "column",
    ["locked", "acquired_at", "release_at", "host", "pid", "holder_user", "command", "session", "heartbeat", "token"],
)
def test_odd_values_in_the_lock(applied: Folder, column: str) -> None:
    rebuild_loosely(applied, "dbwarden_lock")
    for number, value in enumerate(ODD, len(column)):
        applied.execute(
            "UPDATE dbwarden_lock SET locked = 1, acquired_at = CURRENT_TIMESTAMP, host = 'h', pid = 1,"
            " heartbeat = CURRENT_TIMESTAMP"
        )
        applied.execute(f"UPDATE dbwarden_lock SET {column} = {value}")
        for command in sample((("lock-status",), *WAITING), number):
            output = applied.run(*command)
            assert "\x1b" not in output, repr(output)


def rebuild_loosely(folder: Folder, table: str) -> None:
    """The table without its constraints: another program, or a person, wrote it."""
    folder.execute(
        f"CREATE TABLE loose AS SELECT * FROM {table}; DROP TABLE {table}; ALTER TABLE loose RENAME TO {table};"
    )


def test_a_newer_history_is_called_newer(applied: Folder) -> None:
    applied.execute(
        "ALTER TABLE dbwarden_migrations ADD COLUMN more TEXT; UPDATE dbwarden_migrations SET event = 'paused'"
    )
    output = applied.run("status", code=1)
    assert "newer" in output
    assert "older" not in output


# -- the surroundings ---------------------------------------------------------------------------------------------


def _nobody() -> None:
    """As in a container that runs under a number: the user has no entry, the environment no home."""

    def unknown(*_: object) -> None:
        raise KeyError("no entry")

    pwd.getpwuid = pwd.getpwnam = unknown  # type: ignore[assignment]


@pytest.mark.parametrize("command", ["status", "migrate", "make-migrations", "config"])
def test_a_user_without_a_name_and_a_home(folder: Folder, command: str) -> None:
    write_migration(folder.migrations, "0001_first", "CREATE TABLE first (a INTEGER);", "DROP TABLE first;")
    folder.before = _nobody
    unset = dict.fromkeys(("HOME", "USER", "LOGNAME", "USERNAME", "LNAME"))
    folder.run(command, code=0, **unset)
    folder.run("--config", "~/warden.py", command, code=2, **unset)
