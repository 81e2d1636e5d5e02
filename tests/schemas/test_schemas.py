"""Whole schemas in the style of applications, each in a folder: ``schema.sql``, and ``change.sql`` that a person would write.

The models generated from each of both states describe it without a difference. A migration from the first models builds what
``schema.sql`` builds; one to the second leads to what ``change.sql`` leads to, back, and there again, by the server's own dump.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.column_order import without_order
from tests.support.dump import dump
from tests.support.effort import NIGHTLY
from tests.support.project import Project

from ..api.test_generate_models import generated

FOLDER = Path(__file__).parent
SCHEMAS = sorted(
    (f"{path.parent.parent.name}/{path.parent.name}", path.parent.parent.name) for path in FOLDER.glob("*/*/schema.sql")
)
CHOSEN = SCHEMAS if NIGHTLY else SCHEMAS[::2]


@pytest.mark.parametrize(("schema", "database_url"), CHOSEN, indirect=["database_url"])
def test_there_and_back(schema: str, database_url: str, reference_url: str, tmp_path: Path) -> None:
    first, change = ((FOLDER / schema / name).read_text() for name in ("schema.sql", "change.sql"))
    project, reference = Project(tmp_path / "project", database_url), Project(tmp_path / "reference", reference_url)
    reference.execute(first)
    before = _models(tmp_path / "before", reference_url)
    project.reach(before)
    former = project.dump()
    assert former == dump(reference_url)
    reference.execute(change)
    after, wanted = _models(tmp_path / "after", reference_url), without_order(dump(reference_url))

    assert project.generate("nothing", write=False).empty
    project.models(after)
    report = project.generate("change")
    assert report.proof.proven, report.proof.text
    project.migrate()
    assert project.generate("again", write=False).empty
    assert without_order(project.dump()) == wanted
    project.rollback()
    assert project.dump() == former
    project.migrate()
    assert without_order(project.dump()) == wanted


def _models(folder: Path, url: str) -> str:
    """Models of a database, which describe all of it."""
    folder.mkdir()
    report = generated(folder, url)
    assert report.source is not None
    assert not report.differences and not report.left_out
    return report.source


def test_there_are_schemas_of_every_kind() -> None:
    assert len(SCHEMAS) >= 25
