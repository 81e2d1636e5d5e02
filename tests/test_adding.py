"""The table "To add X, touch Y" of CONTRIBUTING, row by row: a toy is added in the places that the row names, and nowhere
else, and does what the row says. The additions are made in a copy of the source, as a person would make them."""

from __future__ import annotations

import ast
import json
import re
import sqlite3
from pathlib import Path

import pytest

from dbwarden.core import kinds
from dbwarden.core.dialect import Dialect
from dbwarden.core.engine import SUPPORTED
from dbwarden.core.model import Object
from tests import test_errors
from tests.dialects import test_kinds
from tests.dialects.test_kinds import inspected
from tests.mutations import __main__ as mutations
from tests.mutations.mutation import Mutation
from tests.servers import VENDORS, Source, Unavailable, fixtures, session
from tests.support.checkout import ROOT, Checkout
from tests.support.command import write_migration, write_project

__all__ = ["inspected"]

SHOWN: dict[str, tuple[str, ...]] = {
    "a dialect": ("test_a_dialect", "tests/dialects/test_roles.py::test_a_dialect_writes_or_inherits_everything"),
    "a text-defined kind (view, function, …)": ("test_a_text_defined_kind", "test_an_undecided_kind"),
    "a structural kind": ("test_a_structural_kind", "test_an_undecided_kind"),
    "a table, column or index option": ("test_an_option",),
    "a data type": ("test_a_data_type", "tests/dialects/test_types.py::test_from_sqlalchemy_to_sql_and_back"),
    "a statement's grammar": ("test_a_grammar", "tests/core/test_grammars.py::test_a_table_of_mysql"),
    "lock knowledge": ("test_lock_knowledge",),
    "a safety rule": ("test_a_rule", "tests/checks/test_rules.py::test_every_rule_is_documented"),
    "a command": ("test_a_command", "tests/docs/test_docs.py::test_documentation"),
    "a setting": ("test_a_setting", "tests/docs/test_docs.py::test_documentation"),
    "what an engine's error means": ("test_a_failure", "tests/dialects/test_failures.py::test_classified"),
    "another tool to come from (`init --from`)": (
        "test_another_tool",
        "tests/docs/test_coming_from.py::test_every_origin_has_a_page_in_the_overview",
    ),
    "an error": ("test_an_error", "test_wrong_fields_of_an_error"),
    "another place for history, lock or journal": ("test_a_store", "tests/runtime/test_store.py::stores"),
    "a line in the log": ("test_a_line_in_the_log", "test_every_logger_is_documented"),
    "a file header": ("test_a_header",),
    "a promise worth guarding": ("test_a_mutation", "tests/mutations/test_catalogue.py::test_can_be_planted"),
    "a format of diagrams": ("tests/pictures/test_texts.py::test_mermaid", "tests/pictures/test_commands.py"),
    "a program that runs ALTER TABLE (`-- runner`)": (
        "tests/dialects/mysql/test_table_runners.py::test_the_command_lines",
        "tests/acceptance/test_table_runners.py::test_a_command_of_ones_own",
    ),
    "temporary servers of an engine": ("tests/dialects/base/test_servers.py::toy",),
    "an engine for the tests": ("test_an_engine_for_the_tests", "tests/servers/test_servers.py"),
    "a page whose commands are typed": ("tests/docs/test_typed_pages.py",),
    "a JSON document": ("tests/support/json_documents.py",),
}
"""Row -> where it is shown: a test of this file, or of another one."""


def table() -> list[list[str]]:
    """The rows of the table: what is added, what is touched, what happens by itself."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("## To add X, touch Y\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


ROWS = {row[0]: row for row in table()}


def test_every_row_is_shown() -> None:
    assert list(SHOWN) == list(ROWS)


@pytest.mark.parametrize("row", SHOWN)
def test_what_shows_a_row_exists(row: str) -> None:
    for place in SHOWN[row]:
        path, _, name = place.rpartition("::") if "::" in place or "/" not in place else (place, "", "")
        tree = ast.parse((ROOT / (path or "tests/test_adding.py")).read_text(encoding="utf-8"))
        assert not name or name in {getattr(node, "name", "") for node in tree.body}, place


@pytest.mark.parametrize("row", ROWS)
def test_the_places_of_a_row_exist(row: str) -> None:
    for place in re.findall(r"`([\w<>/.]+(?:/|\.\w+))`", ROWS[row][1]):
        below = ROOT if place.startswith(("tests/", "docs/", "mkdocs.")) else ROOT / "src" / "dbwarden"
        assert list(below.glob(re.sub("<.+?>", "*", place).rstrip("/"))), place


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout.into(tmp_path)


MODELS = """
from sqlalchemy import Column, Integer, MetaData, Table
metadata = MetaData()
users = Table("users", metadata, Column("id", Integer, primary_key=True){more})
"""
FILE = "a.db"


def project(checkout: Checkout, url: str = f"sqlite:///{FILE}", models: str = MODELS, more: str = "") -> Path:
    """The checkout's project over a database with a table ``users``; returns its folder of migrations."""
    (checkout.project / "models.py").write_text(models.replace("{more}", more))
    migrations = write_project(checkout.project, url)
    if url.endswith(FILE):
        with sqlite3.connect(checkout.project / FILE) as connection:
            connection.execute("CREATE TABLE users (id INTEGER NOT NULL, PRIMARY KEY (id))")
            connection.execute("INSERT INTO users VALUES (1)")
        connection.close()
    return migrations


# -- dialects -----------------------------------------------------------------------------------------------------

ENGINE = """
    Engine(
        "toy",
        schemes=("toy",),
        sqlalchemy_dialect="sqlite",
        drivers=(Driver("toyd", "sqlite3", "sqlite3", implied=True),),
        family="toy",
        template_url="toy:///./toy.db",
        dialect="toy",
        file=True,
    ),
"""
FIRST_ENGINE = '\n    Engine(\n        "sqlite",'


def test_a_dialect(checkout: Checkout) -> None:
    """A folder and a row: a project runs from ``init`` to ``rollback``."""
    toy = (ROOT / "tests" / "dialects" / "toy.py").read_text(encoding="utf-8")
    checkout.add("dialects/toy/__init__.py", '"""A toy."""\n')
    checkout.add("dialects/toy/dialect.py", f"{toy}\n\ndef create(name: str) -> Toy:\n    return Toy()\n")
    checkout.add("dialects/toy/connector.py", "from dbwarden.dialects.sqlite.connector import CONNECTOR\n")
    checkout.add("dialects/toy/words.py", "from .dialect import Toy\n\nLEXICAL_RULES = Toy.lexical_rules\n")
    checkout.insert("core/engine.py", FIRST_ENGINE, ENGINE)
    checkout.run("init", "--url", f"toy:///./{FILE}")
    (checkout.project / "app").mkdir()
    (checkout.project / "app" / "models.py").write_text(MODELS.replace("{more}", ", sqlite_with_rowid=True"))
    assert "toy" in checkout.run("settings", "show")
    checkout.run("make-migrations", "first")
    (written,) = (checkout.project / "migrations" / "primary").glob("*.sql")
    assert "CREATE TABLE users" in written.read_text()
    checkout.run("migrate")
    assert "1 applied, 0 pending" in checkout.run("status")
    assert "No differences" in checkout.run("diff")
    checkout.run("rollback", "--force")
    assert "0 applied, 1 pending" in checkout.run("status")


# -- kinds --------------------------------------------------------------------------------------------------------

PARSERS = """
    SELECT
        'text_search', false, n.nspname::text, t.prsname::text, NULL, NULL, NULL,
        ARRAY[pg_catalog.format('CREATE TEXT SEARCH PARSER %I.%I (START = ...)', n.nspname, t.prsname)], '{}'
    FROM pg_catalog.pg_ts_parser t
    JOIN pg_catalog.pg_namespace n ON n.oid = t.prsnamespace
    WHERE n.nspname = ANY (:'namespaces')
    UNION ALL
"""
LAST_BRANCH = "    -- Triggers themselves come from routines.sql"
TEXT_DEFINED = """
from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Scope
from dbwarden.core.ignore import *
from dbwarden.core.model import Schema
from dbwarden.core.plan import Pair, plan
from dbwarden.core.change import Add

conn = connect(URL)
conn.execute(
    "CREATE TEXT SEARCH PARSER toys"
    " (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype)"
)
dialect = dialects.get("postgresql").for_server(dialects.get("postgresql").server_of(conn))
schema = dialect.inspect(conn, Scope())
(item,) = schema.objects()
print(item.ref, Add(item).describe(), *plan(Pair(Schema(), schema), dialect).upgrade(), sep="; ")
print(*plan(Pair(Schema(), schema), dialect).rollback())
"""


def test_a_text_defined_kind(checkout: Checkout, postgresql_url: str) -> None:
    """A row for every engine, one for the dialect, a query: it is found, printed both ways, named, and hidden."""
    row = '        ObjectKind("text_search", "text search parser", text_defined=True, ignored_by="ignore_functions"),\n'
    checkout.insert("core/kinds.py", '        ObjectKind("statistics"', row)
    drop = '    "text_search": "DROP TEXT SEARCH PARSER {name}",\n'
    checkout.insert("dialects/postgresql/definitions.py", '    "view": "DROP VIEW', drop)
    checkout.insert("dialects/postgresql/catalog/attachments.sql", LAST_BRANCH, PARSERS.lstrip("\n"))
    there = "    OR EXISTS (SELECT FROM pg_catalog.pg_ts_parser c WHERE c.oid >= 16384)\n"
    checkout.insert(
        "dialects/postgresql/catalog/contents.sql", "    OR EXISTS (SELECT FROM pg_catalog.pg_policy)\n", there
    )
    up, down = checkout.python(TEXT_DEFINED.replace("URL", repr(postgresql_url))).splitlines()
    described = "text search parser toys; add text search parser toys"
    assert up == f"{described}; CREATE TEXT SEARCH PARSER public.toys (START = ...)"
    assert down == "DROP TEXT SEARCH PARSER toys"
    project(checkout, postgresql_url)
    assert "toys" in checkout.run("check-db")
    (checkout.project / "warden.py").write_text(
        (checkout.project / "warden.py").read_text().replace("default=True", "default=True, ignore_functions=['toys']")
    )
    assert "toys" not in checkout.run("check-db")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_undecided_kind(inspected: tuple[Dialect, list[Object]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kinds.KINDS, "toy", kinds.ObjectKind("toy"))
    with pytest.raises(AssertionError, match="sqlite neither finds toy nor says that it lacks them"):
        test_kinds.test_no_kind_is_undecided(inspected)


NOTE = '''

@dataclass(frozen=True, slots=True)
class Note(Object):
    """A toy."""

    kind: ClassVar[str] = "note"
    derived: ClassVar[bool] = True
    name: str
    text: str
    schema: str | None = None

    @property
    def ref(self) -> Ref:
        return Ref("note", self.name, self.schema)
'''
STRUCTURAL = """
from dbwarden import dialects
from dbwarden.core.codec import dump, load
from dbwarden.core.model import Note, Schema
from dbwarden.core.plan import Pair, plan

one, two = Schema([Note("n", "this")]), Schema([Note("n", "that")])
assert load(dump(one, dialect="sqlite")) == one
for before, after in ((Schema(), one), (one, two)):
    made = plan(Pair(before, after), dialects.get("sqlite"))
    print(*made.upgrade(), "|", *made.rollback(), "|", *(step.change.describe() for step in made.steps))
"""


def test_a_structural_kind(checkout: Checkout) -> None:
    """A class, a row and a printer: state file, difference, order, rollback and words follow."""
    checkout.append("core/model/standalone.py", NOTE)
    checkout.append("core/model/__init__.py", "from .standalone import Note as Note\n")
    checkout.insert("core/kinds.py", '        ObjectKind("statistics"', '        ObjectKind("note"),\n')
    printer = (
        "        case Add(Note(name, text)):\n"
        "            return (f\"ADD NOTE {name} '{text}'\",)\n"
        "        case Drop(Note(name)):\n"
        '            return (f"DROP NOTE {name}",)\n'
    )
    checkout.insert("dialects/sqlite/ddl.py", '        case Rename(Ref("table") as old_ref', printer)
    checkout.insert(
        "dialects/sqlite/ddl.py", "from dbwarden.core.types import", "from dbwarden.core.model import Note\n"
    )
    assert checkout.python(STRUCTURAL).splitlines() == [
        "ADD NOTE n 'this' | DROP NOTE n | add note n",
        "DROP NOTE n ADD NOTE n 'that' | DROP NOTE n ADD NOTE n 'this' | drop note n add note n",
    ]


# -- options, types, statements -----------------------------------------------------------------------------------

OPTION = """
import sqlalchemy as sa
from dbwarden import dialects
from dbwarden.core.plan import pair, plan
from dbwarden.models.read import read

sa.Table.argument_for("sqlite", "toy", None)
dialect = dialects.get("sqlite")

def schema(**options):
    metadata = sa.MetaData()
    sa.Table("users", metadata, sa.Column("id", sa.Integer), **options)
    return dialect.canonical(read([metadata], dialect))

assert schema(sqlite_toy=False) == schema()
for before in (schema(sqlite_toy=True), schema()):
    made = plan(pair(before, schema(sqlite_toy=True)), dialect)
    print(*(step.change.describe() for step in made.steps), "|", "\\n".join(made.upgrade()).count(" TOY"))
"""


def test_an_option(checkout: Checkout) -> None:
    """A row and its clause: the models' keyword is read, compared with its default, and printed in a rebuilt table."""
    row = '    OptionSpec("toy", default="false", change=OptionChange.RECREATE, words=("TOY",)),\n'
    checkout.insert("dialects/sqlite/options.py", '    OptionSpec("strict"', row)
    checkout.insert(
        "dialects/sqlite/renderer.py", '("with_rowid", "false", "WITHOUT ROWID")', '("toy", "true", "TOY"), '
    )
    same, other = checkout.python(OPTION).splitlines()
    assert same.split() == ["|", "0"]
    assert other == "alter table users | 1"


TYPE = """
from dbwarden import dialects
from dbwarden.core.model import Column, Schema, Table
from dbwarden.core.types import Ref, parse_type

dialect, ref = dialects.get("postgresql"), Ref("table", "t")
schema = dialect.canonical(Schema([Table.of("t", [Column("c", parse_type("toy4"))])]))
print(schema.table(ref).columns["c"].type)
big, toy = parse_type("bigint"), parse_type("toyint")
print(dialect.type_change(toy, big).name, dialect.type_change(big, toy).name)
print(dialects.translator("sqlite").schema(schema, dialect, {}).schema.table(ref).columns["c"].type)
"""


def test_a_data_type(checkout: Checkout) -> None:
    """A row: an alias is understood, losses are known, it has a type for development and a line in the documentation."""
    row = '    TypeRow("toyint", Family.WHOLE, ("toy4",), size=4, sqlalchemy="Integer()", dev=DevType("smallint")),\n'
    checkout.insert("dialects/postgresql/types.py", '    standard("bigint"', row)
    assert checkout.python(TYPE).splitlines() == ["toyint", "KEPT NARROWED", "smallint"]
    assert "| `toyint` | `toy4` | `Integer()` | `SMALLINT` |" in checkout.documentation(
        "docs.types_table('postgresql')"
    )


def test_a_grammar(checkout: Checkout) -> None:
    """A row by first word: rules, the safety gate, ownership and check-impact read the new statement as DROP TABLE."""
    row = '    "REMOVE": lambda at, grammar: DropTable(at.ref("table")),\n'
    checkout.insert("dialects/sqlite/statements.py", '    "PRAGMA": _pragma', row)
    checkout.insert(
        "dialects/sqlite/statements.py", "from .words import", "from dbwarden.core.ddl.statements import DropTable\n"
    )
    write_migration(project(checkout), "0001_gone", "REMOVE users;")
    (checkout.project / "app.py").write_text("from models import users\nprint(users.select())\n")
    assert "keep-data" in checkout.run("check", code=5)
    assert "Refused: 1 critical finding" in checkout.run("migrate", code=5)
    assert "app.py" in checkout.run("check-impact", "0001")


LOCKS = """
from dbwarden import dialects
from dbwarden.checks.rule import Environment
from dbwarden.checks.run import check_files
from dbwarden.core.file import parse
from dbwarden.core.file_writer import format

dialect = dialects.get("postgresql")
text = format(["REINDEX TABLE users", "REINDEX TABLE orders"], ["SELECT 1"])
file = parse("0001_a.sql", text, dialect.lexical_rules)
print(*sorted(finding.rule for finding in check_files([file], [file], dialect, Environment())))
"""


def test_lock_knowledge(checkout: Checkout) -> None:
    """A case: two rules see that the statement closes the table."""
    assert checkout.python(LOCKS).split() == []
    case = (
        '        case Maintain("REINDEX", _, Ref() as table):\n'
        '            return _facts("reindex", _EXCLUSIVE, _C, targets=(table,))\n'
    )
    checkout.insert("dialects/postgresql/facts.py", "        case Maintain():\n            return _maintenance", case)
    assert checkout.python(LOCKS).split() == ["lock-one-table-at-a-time", "set-lock-timeout"]


# -- rules, commands, settings ------------------------------------------------------------------------------------

RULE = '''"""Keep calm

A toy. INFO, at every file.
"""

from dbwarden.checks.rule import Finding, Severity

def check(context):
    """Every file."""
    yield Finding(Severity.INFO, "this is a file", "keep calm", context.upgrade[0].line)
'''


def test_a_rule(checkout: Checkout) -> None:
    """A module: it checks, explains itself, can be ignored, and its page is asked for."""
    checkout.add("checks/rules/keep_calm.py", RULE)
    migrations = project(checkout)
    write_migration(migrations, "0001_a", "CREATE TABLE a (id INTEGER);", "DROP TABLE a;")
    assert "keep-calm" in checkout.run("check")
    assert "A toy. INFO" in checkout.run("check", "--explain", "keep-calm")
    assert "keep-calm" in checkout.run("check", "--out", "sarif")
    assert "keep-calm.md is not what the rule says" in checkout.documentation("*docs.wrong_rules()")
    write_migration(migrations, "0001_a", "-- dbwarden: ignore keep-calm: I am\nCREATE TABLE a (id INTEGER);")
    assert "this is a file" not in checkout.run("check")


USE_CASE = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Greeting:
    words: str

def greet(name):
    return Greeting(f"Hello {name}")
"""
COMMAND = """
import typer
from dbwarden.api.greet import greet as make
from .options import command
from .session import Session

app = command()

@app.command()
def greet(ctx: typer.Context, name: str) -> None:
    '''Greet somebody.'''
    Session.of(ctx).answer(make(name), lambda view, report: view.line(report.words))
"""


def test_a_command(checkout: Checkout) -> None:
    """Two modules and a line: it is in the help, prints JSON, and its page is asked for."""
    checkout.add("api/greet.py", USE_CASE)
    checkout.add("cli/greet.py", COMMAND)
    checkout.insert("cli/app.py", '    "version": "Show', '    "greet": "Greet somebody.",\n')
    assert "Greet somebody." in checkout.run("--help")
    assert checkout.run("greet", "you") == "Hello you\n"
    assert json.loads(checkout.run("greet", "you", "--json")) == {"words": "Hello you"}
    assert "did you mean" in checkout.run("gret", code=2).lower()
    assert "greet" in checkout.documentation("docs.command_names()")


def test_a_setting(checkout: Checkout) -> None:
    """A field: it is loaded, checked, shown, documented."""
    field = '    toy: bool = _setting(FLAG, "Whether it is a toy.", False)\n'
    checkout.insert("config/settings.py", "    history_table: str", field)
    project(checkout)
    configuration = checkout.project / "warden.py"
    text = configuration.read_text()
    configuration.write_text(text.replace("default=True", "default=True, toy=True"))
    assert re.search(r"toy +yes +configuration", checkout.run("settings", "show"))
    configuration.write_text(text.replace("default=True", "default=True, toy='perhaps'"))
    assert "toy of database 'primary'" in checkout.run("settings", "show", code=2)
    configuration.write_text(text.replace("default=True", "default=True, tiy=True"))
    assert "did you mean 'toy'" in checkout.run("settings", "show", code=2)
    assert "| `toy` | `False` | Whether it is a toy. |" in checkout.documentation("docs.settings_table()")


# -- errors -------------------------------------------------------------------------------------------------------


def test_a_failure(checkout: Checkout) -> None:
    """A row: class, advice and ``failure`` of the error follow."""
    checkout.insert(
        "dialects/sqlite/failures.py",
        '    "SQLITE_INTERRUPT"',
        '    "SQLITE_CONSTRAINT_TRIGGER": Failure.PERMISSION,\n',
    )
    program = (
        "from dbwarden.api.connection import connect\n"
        "from dbwarden.errors import DatabaseError\n"
        "conn = connect('sqlite://')\n"
        "conn.execute('CREATE TABLE t (a INTEGER)')\n"
        "conn.execute(\"CREATE TRIGGER no BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'no'); END\")\n"
        "try:\n    conn.execute('INSERT INTO t VALUES (0)')\n"
        "except DatabaseError as error:\n    print(error.code, error.failure.name, bool(error.hint))\n"
    )
    assert checkout.python(program) == "PermissionDenied PERMISSION True\n"


ERROR = '''

class Tired(Refused):
    """Refused: {who} is tired"""

    who: str
    hint = "Let {who} sleep."
'''


TOOL = """
from functools import partial
from .project import Address, History, OriginProject, OriginState

def read(root, environ):
    files = tuple(sorted(path.name for path in (root / "toy").iterdir()))
    return OriginProject("Toy", "toy", Address("sqlite:///a.db", "toy"), history=History("toy_log", ("file",)),
        examine=partial(examine, files))

def examine(files, rows):
    applied = {row["file"] for row in rows}
    pending = tuple(file for file in files if file not in applied)
    return OriginState(tuple(sorted(applied)), pending, advice="`toy run` applies them.")
"""


def test_another_tool(checkout: Checkout) -> None:
    """What is pending is refused; then the base migration is there, proved and marked, and the tool's table is left out."""
    checkout.insert("origins/__init__.py", '"existing")', '"toy", ')
    checkout.add("origins/toy.py", TOOL)
    (checkout.project / "toy").mkdir()
    (checkout.project / "toy" / "1.sql").touch()
    with sqlite3.connect(checkout.project / FILE) as connection:
        connection.executescript("CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE toy_log (file TEXT);")
        refused = checkout.run("init", "--from", "toy", code=5)
        assert "1 of its 1 migrations are pending" in refused and "`toy run` applies them." in refused
        connection.execute("INSERT INTO toy_log VALUES ('1.sql')")
    connection.close()
    assert "Marked 0001_base.sql as applied" in checkout.run("init", "--from", "toy")
    base = (checkout.project / "migrations" / "primary" / "0001_base.sql").read_text()
    assert "-- adopted: toy" in base and "proven: sqlite" in base and "toy_log" not in base
    assert "1 applied, 0 pending" in checkout.run("status")


def test_an_error(checkout: Checkout) -> None:
    """A class: its message, hint, exit code and name in the JSON come from it."""
    checkout.append("errors/rollback.py", ERROR)
    checkout.append("errors/__init__.py", "from .rollback import Tired as Tired\n")
    checkout.insert("api/version.py", "    distributions = ", "    raise Tired(who='the toy')\n")
    checkout.insert("api/version.py", "from dbwarden.core.engine", "from dbwarden.errors import Tired\n")
    assert checkout.run("version", code=5) == "Error: Refused: the toy is tired\nHint: Let the toy sleep.\n"
    problem = json.loads(checkout.run("version", "--json", code=5))["error"]
    assert problem == {
        "code": "Tired", "message": "Refused: the toy is tired", "hint": "Let the toy sleep.", "exit_code": 5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("raised", "complaint"),
    [
        ("UnknownOwner(others='a', file='b')", "UnknownOwner has no field file"),
        ("UnknownOwner(files='b')", "lacks others"),
    ],
)
def test_wrong_fields_of_an_error(raised: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "toy.py").write_text(f"def use():\n    raise {raised}\n")
    monkeypatch.setattr(test_errors, "SOURCE", tmp_path)
    with pytest.raises(AssertionError, match=complaint):
        test_errors.test_fields_are_those_of_the_class()


# -- stores and the log -------------------------------------------------------------------------------------------

STORES = """
from tests.support import memory_store

PLACE = memory_store.Place()

class Journal(memory_store.MemoryJournal):
    def attempts(self, *, unclaimed=False):
        return ()

def history_store(conn, dialect, tables):
    return memory_store.MemoryHistory(PLACE)

def journal_store(conn, dialect, tables):
    return Journal(PLACE)

def lock_store(conn, dialect, tables):
    return memory_store.MemoryLock(PLACE)

def lock_opener(connect, dialect, tables):
    return lambda: lock_store(None, dialect, tables)
"""
RUNS = """
from dbwarden.cli.app import run
for argv in ("migrate --baseline --to-version 1", "migrate", "status", "history", "rollback --force", "status", "lock-status"):
    assert run(argv.split()) == 0, argv
"""


def test_a_store(checkout: Checkout) -> None:
    """Classes and their choice: nothing of ours is in the database then."""
    (checkout.folder / "src" / "dbwarden" / "runtime" / "stores.py").write_text(STORES)
    migrations = project(checkout)
    for name in ("0001_a", "0002_b"):
        write_migration(migrations, name, f"CREATE TABLE {name[-1]} (id INTEGER);", f"DROP TABLE {name[-1]};")
    output = checkout.python(RUNS)
    assert "2 applied, 0 pending" in output and "rolled back" in output and "1 applied, 1 pending" in output
    with sqlite3.connect(checkout.project / FILE) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("users",)]
    connection.close()


def test_a_line_in_the_log(checkout: Checkout) -> None:
    """A logger of the module: --debug shows it, nothing else does."""
    log = 'import logging\n\n_log = logging.getLogger(__name__)\n_log.info("a toy was read")\n\n'
    checkout.insert("runtime/directory.py", "import errno\n", log)
    project(checkout)
    assert "INFO dbwarden.runtime.directory: a toy was read" in checkout.run("--debug", "status")
    assert "a toy was read" not in checkout.run("status")


def test_every_logger_is_documented() -> None:
    source = ROOT / "src"
    named = {
        ".".join(path.relative_to(source).with_suffix("").parts)
        for path in source.rglob("*.py")
        if "getLogger(__name__)" in path.read_text(encoding="utf-8")
    }
    page = (ROOT / "docs" / "concepts" / "logging.md").read_text(encoding="utf-8")
    assert named == set(re.findall(r"^\| `(dbwarden\.[\w.]+)` \|", page, re.MULTILINE))


# -- files, and what the tests stand on ---------------------------------------------------------------------------

HEADERS = """
from dbwarden.core.file import parse
from dbwarden.core.file_writer import format
from dbwarden.errors import FileFormatError

text = format(["SELECT 1"], ["SELECT 2"], {"mood": "calm"})
print(text.splitlines()[0], "|", parse("0001_a.sql", text).headers)
for head in ("-- moood: calm", "-- mood:", "-- mood: a\\n-- mood: b"):
    try:
        parse("0001_a.sql", head + "\\n" + text.partition("\\n")[2])
    except FileFormatError as error:
        print(error.reason)
try:
    parse("0001_a.sql", text + "-- mood: calm\\n")
except FileFormatError as error:
    print(error.reason)
"""


def test_a_header(checkout: Checkout) -> None:
    """A row: it is written, read, and mistakes in it have their sentences."""
    checkout.insert("core/file_headers.py", '    Header("proven"', '    Header("mood", _sentence, _sentence),\n')
    assert checkout.python(HEADERS).splitlines() == [
        "-- mood: calm | {'mood': 'calm'}",
        "`moood` is not a header; did you mean `mood`?",
        "`-- mood:` expects a text after the colon",
        "a second `-- mood` header",
        "`-- mood:` is a header, it must stand before the first section",
    ]


@pytest.mark.parametrize(("test", "code"), [("tests/core/test_suggestions.py", 0), ("tests/core/test_quotes.py", 1)])
def test_a_mutation(test: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row: ``make mutations`` fails while no test notices it."""
    toy = Mutation("toy", "core/suggestions.py", 'f"; did you mean ', 'f"; did you say ', (test,))
    monkeypatch.setattr(mutations, "MUTATIONS", (toy,))
    assert mutations.main([]) == code


class Toy:
    """An engine that nobody has."""

    def find(self) -> Source:
        raise Unavailable("install a toy")


def test_an_engine_for_the_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A line: the summary names it. Each engine that we support has one, and its fixture."""
    assert set(SUPPORTED) <= set(VENDORS)
    assert all(hasattr(fixtures, f"{name}_url") for name in VENDORS)
    monkeypatch.setitem(VENDORS, "toy", Toy())
    monkeypatch.setenv(session.FOLDER, str(tmp_path))
    assert "toy: install a toy" in fixtures.unavailable()
    with pytest.raises(Unavailable):
        session.server("toy")
    assert session.summary(tmp_path).endswith("skipped: toy: install a toy")
