"""The table of what each engine's objects go through: written from the golden cases, which ``test_cases`` executes.

``DBWARDEN_TEST_UPDATE=1 pytest tests/cases/test_table_of_kinds.py`` writes ``docs/reference/objects.md`` anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from dbwarden import dialects
from dbwarden.core import kinds
from dbwarden.core.cascade import with_replacements
from dbwarden.core.change import Add, Alter, Change, Drop
from dbwarden.core.dialect import Dialect
from dbwarden.core.diff import diff
from dbwarden.core.engine import SUPPORTED
from dbwarden.core.model import Enum, Schema, Table
from dbwarden.models import read
from dbwarden.models.source.declarations import declared
from tests.support.cases import FOLDER, PAIRS
from tests.support.project import metadata_of

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "objects.md"
HEAD = """# Objects and what they go through

Written from the golden cases of the tests, not by hand. Each case is executed on the real engine: the migration is generated, applied,
generated a second time (nothing), compared with what the models build, rolled back to exactly the schema before, and applied again. A
letter says that a case does that with an object of the kind: **c** creates it, **a** alters it or creates it again with another
text, **d** drops it; each of them is rolled back too. An object of every kind in the table is inspected and compared, `·` says that no
case changes one, and an empty cell that the engine has no such objects. Functions of ClickHouse, roles, memberships, owners, and the
privileges of MySQL and MariaDB belong to the server, so that tests of their own do this with them; an owner whose declaration goes stays.
A named collection is never written, because its values do not belong in a file; virtual tables and security labels are left alone.

"""
OF_THE_SERVER: Mapping[tuple[str, str], frozenset[str]] = {
    ("function", "clickhouse"): frozenset("cad"),
    ("role", "postgresql"): frozenset("cad"),
    ("membership", "postgresql"): frozenset("cad"),
    ("owner", "postgresql"): frozenset("ca"),
    **{("role", engine): frozenset("cd") for engine in ("mysql", "mariadb")},
    **{(kind, engine): frozenset("cad") for engine in ("mysql", "mariadb") for kind in ("membership", "grant")},
}
"""Kinds that databases share there, with the letters for the page: tests/dialects/clickhouse/test_definitions.py,
tests/dialects/postgresql/test_roles.py, test_owners.py and tests/dialects/mysql/test_privileges.py have their round trips."""


AS_FUNCTIONS = {("mariadb", "aggregate")}
"""Kinds that are functions in the server's catalogue: tests/dialects/mysql/test_declarations.py has their round trip."""

WITHOUT_ATTRIBUTES: Mapping[str | tuple[str, str], set[str]] = {
    "publication_schema": {"a"},
    ("role", "mysql"): {"a"},
    ("role", "mariadb"): {"a"},
    "owner": {"d"},
}
"""Kinds of which nothing can change; an owner that is no longer declared stays."""


def _changes(dialect: Dialect, case: str) -> Iterator[tuple[str, str]]:
    """Kinds with the letters of what a case does to them."""
    before, after = (_schema(dialect, FOLDER / case / name) for name in ("before.py", "after.py"))
    for change in with_replacements(diff(before, after), dialect.replaces):
        kind = _kind(change, before, after)
        again = isinstance(change, Add | Drop) and change.ref in before and change.ref in after
        yield from _of_values(change)
        match change:
            case _ if again or isinstance(change, Alter):
                yield kind, "a"
            case Add():
                yield kind, "c"
            case Drop():
                yield kind, "d"


def _of_values(change: Change) -> Iterator[tuple[str, str]]:
    """What a change of an enum does to its values: it adds, drops or moves some."""
    if not isinstance(change, Alter) or not isinstance(change.before, Enum) or not isinstance(change.after, Enum):
        return
    old, new = change.before.values, change.after.values
    if set(new) - set(old):
        yield "enum_value", "c"
    if set(old) - set(new):
        yield "enum_value", "d"
    if [value for value in old if value in new] != [value for value in new if value in old]:
        yield "enum_value", "a"


def _kind(change: Change, before: Schema, after: Schema) -> str:
    """The kind of a changed object; a table of another server is a kind of its own."""
    table = after.get(change.ref) or before.get(change.ref)
    foreign = isinstance(table, Table) and table.options.get("server") is not None
    return "foreign_table" if foreign else change.ref.kind


def _schema(dialect: Dialect, path: Path) -> Schema:
    metadata = metadata_of(path.read_text())
    return dialect.canonical(read.read([metadata], dialect, list(metadata.tables.values())))


def _letters() -> Mapping[tuple[str, str], set[str]]:
    letters: dict[tuple[str, str], set[str]] = {kind: set(done) for kind, done in OF_THE_SERVER.items()}
    for case, engine in PAIRS:
        for kind, letter in _changes(dialects.get(engine), case):
            letters.setdefault((kind, engine), set()).add(letter)
    return letters


def _table() -> str:
    letters = _letters()
    lines = [f"| kind | {' | '.join(SUPPORTED)} |", f"|{'---|' * (len(SUPPORTED) + 1)}"]
    for kind in kinds.KINDS:
        cells = [_cell(letters.get((kind, engine), set()), kind, dialects.get(engine)) for engine in SUPPORTED]
        lines.append(f"| {kinds.title(kind)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(letters: set[str], kind: str, dialect: Dialect) -> str:
    if not dialect.features.has(kind):
        return ""
    return " ".join(letter for letter in "cad" if letter in letters) or "·"


def test_the_page_is_what_the_cases_do() -> None:
    page = HEAD + _table()
    if os.environ.get("DBWARDEN_TEST_UPDATE"):
        PAGE.write_text(page)
    assert PAGE.read_text() == page


def _without(kind: str, engine: str) -> set[str]:
    return WITHOUT_ATTRIBUTES.get(kind, set()) | WITHOUT_ATTRIBUTES.get((kind, engine), set())


def test_every_kind_that_models_declare_is_created_altered_and_dropped() -> None:
    letters = _letters()
    missing = {
        (engine, kind)
        for engine in SUPPORTED
        for kind in dialects.get(engine).features.described_definitions
        if not letters.get((kind, engine), set()) >= {"c", "a", "d"} - _without(kind, engine)
    }
    assert missing == AS_FUNCTIONS
