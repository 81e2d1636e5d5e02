"""One file, two engines: what is generated with ``--dev`` runs on SQLite, and the same file on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dev.project import DevProject
from tests.dev.test_create_all import compare
from tests.servers import Server
from tests.support.cases import CASES, FOLDER
from tests.support.dump import dump
from tests.support.project import create_all, metadata_of

NAMES = [case for case, engines in CASES.items() if "postgresql" in engines and "rename" not in case]
UNKNOWN_TO_SQLALCHEMY = ("types/declared", "types/domain_checks", "objects/collations")
"""Cases whose domains and collations ``create_all`` knows by their names alone: it creates columns without the checks, and with
collations that SQLite does not have."""
ON_BOTH = [
    *("columns/postgresql_types", "columns/default_expressions", "columns/generic_types", "columns/identity"),
    *(name for name in NAMES if name.startswith(("enums/", "schemas/", "domains/"))),
    *("indexes/postgresql_options", "keys/exclude", "sequences/default"),
    *(name for name in NAMES if name == "keys/unique_options"),
]


def sources(case: str) -> Iterator[str]:
    """The models before and after, as far as there are any."""
    for name in ("before.py", "after.py"):
        source = (FOLDER / case / name).read_text()
        known = metadata_of(source)
        if known.tables or known._sequences:
            yield source


def develop(project: DevProject, case: str) -> None:
    """Each step generated and applied without PostgreSQL."""
    for source in sources(case):
        project.models(source)
        if not project.generate().empty:
            project.migrate()
        again = project.diff()
        assert again.empty and not again.notes, (again.steps, again.notes)


@pytest.mark.parametrize("case", [name for name in NAMES if name not in UNKNOWN_TO_SQLALCHEMY])
def test_on_sqlite(case: str, tmp_path: Path) -> None:
    """Step by step or at once, the dev database is the same, and what ``create_all`` builds; back it is empty."""
    project = DevProject(tmp_path / "project")
    develop(project, case)
    fresh = compare([*sources(case)][-1], tmp_path / "fresh")
    if fresh.files():
        assert project.dev_dump() == fresh.dev_dump()
        project.rollback()
        assert project.dev_dump() == []


@pytest.fixture
def reference(postgresql_server: Server, postgresql_url: str) -> Iterator[str]:
    name = "reference_" + postgresql_url.rpartition("/")[2].partition("?")[0]
    postgresql_server.create_database(name)
    yield postgresql_server.url(name)
    postgresql_server.drop_database(name)


@pytest.mark.parametrize("case", ON_BOTH)
def test_on_both(case: str, postgresql_url: str, reference: str, tmp_path: Path) -> None:
    """The files of the dev database, on PostgreSQL, build what ``create_all`` builds there."""
    project = DevProject(tmp_path)
    develop(project, case)
    project.configure(f"models_{project.step}.py", postgresql_url)
    project.migrate(dev=False)
    create_all(metadata_of([*sources(case)][-1]), reference)
    assert dump(postgresql_url) == dump(reference)
    assert project.generate("none", dev=False).empty
    project.rollback(dev=False)
