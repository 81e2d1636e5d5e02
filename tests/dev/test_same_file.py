"""One file, two engines: what is generated with ``--dev`` runs on SQLite, and the same file on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dev.project import DevProject
from tests.support.dump import dump
from tests.support.project import create_all, metadata_of

CASES = Path(__file__).parents[1] / "cases"
NAMES = [
    f"{path.parent.relative_to(CASES)}"
    for path in sorted(CASES.rglob("after.py"))
    if "postgresql" in path.with_name("engines.txt").read_text().split() and "rename" not in str(path)
]


@pytest.mark.parametrize("case", NAMES)
def test_case(case: str, postgresql_url: str, reference_database: str, tmp_path: Path) -> None:
    """Generated without PostgreSQL, applied on both; rolled back on both."""
    project = DevProject(tmp_path / "project")
    before, after = ((CASES / case / name).read_text() for name in ("before.py", "after.py"))
    for source in (before, after):
        known = metadata_of(source)
        if not known.tables and not known._sequences:
            continue
        project.models(source)
        if not project.generate().empty:
            project.migrate()
        again = project.diff()
        assert again.empty and not again.notes, (again.steps, again.notes)
    fresh = DevProject(tmp_path / "fresh")
    fresh.models(after)
    if not fresh.generate().empty:
        fresh.migrate()
        assert project.dev_dump() == fresh.dev_dump()

    project.configure(f"models_{project.step}.py", postgresql_url)
    if project.files():
        project.migrate(dev=False)
    create_all(metadata_of(after), reference_database)
    assert dump(postgresql_url) == dump(reference_database)
    assert project.generate("none", dev=False).empty

    if project.files():
        project.rollback()
        assert project.dev_dump() == []
        project.rollback(dev=False)


@pytest.fixture
def reference_database(postgresql_server: object, postgresql_url: str) -> object:
    server = postgresql_server
    name = "reference_" + postgresql_url.rpartition("/")[2].partition("?")[0]
    server.create_database(name)  # type: ignore[attr-defined]
    yield server.url(name)  # type: ignore[attr-defined]
    server.drop_database(name)  # type: ignore[attr-defined]
