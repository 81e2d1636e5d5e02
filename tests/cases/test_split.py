"""Split migrations, executed: what ``make-migrations --split`` writes.

Each file is proved alone. Together they lead where the one file leads, and one by one back, with all rows. ``split/`` has the
files of one change that has every concern, for each engine (``DBWARDEN_TEST_UPDATE=1`` writes them: read the difference). The
golden cases with several concerns run too: all of them with ``make nightly``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from dbwarden import dialects
from dbwarden.api.comparison import CompareOptions
from dbwarden.api.filling import FillFlags
from dbwarden.core.dialect import Prefs
from dbwarden.core.plan import pair
from dbwarden.core.split import Concern, split
from dbwarden.errors import Unsupported
from dbwarden.models.read import read
from tests.support.cases import FOLDER, PAIRS
from tests.support.effort import NIGHTLY
from tests.support.project import Project, metadata_of
from tests.support.renamed import Flags

WHOLE = FOLDER / "split"
ENGINES = ["sqlite", "postgresql", "mysql", "mariadb", "clickhouse"]
ALWAYS = {
    ("keys/primary_key_becomes_unique", "mysql"),
    ("renames/column_and_more", "postgresql"),
}
NOT_INSTANT = ("mysql/types_of_one_server", "mysql")
"""InnoDB keeps a hidden column of a FULLTEXT index that was dropped, and then adds and drops no column INSTANT."""


def concerns(case: str, engine: str) -> list[str]:
    """The concerns of a golden case as far as they are known without a server; renames count as drops and adds."""
    dialect = dialects.get(engine)
    try:
        sides = [
            dialect.canonical(read([metadata_of((FOLDER / case / name).read_text())], dialect))
            for name in ("before.py", "after.py")
        ]
        parts = split(pair(*sides, tuple(sides[0])), dialect, Prefs(online=True))
    except Unsupported:
        return []
    return [part.concern.value for part in parts]


SEVERAL = sorted(
    (case, engine)
    for case, engine in (PAIRS if NIGHTLY else ALWAYS)
    if (case, engine) != NOT_INSTANT and ((case, engine) in ALWAYS or len(concerns(case, engine)) > 1)
)


@pytest.mark.parametrize(("case", "database_url"), SEVERAL, indirect=["database_url"])
def test_golden_case(case: str, database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if database_url.startswith("clickhouse"):
        request.getfixturevalue("embedded_engine")
    folder = FOLDER / case
    before, after = ((folder / name).read_text() for name in ("before.py", "after.py"))
    flags = Flags((folder / "flags.txt").read_text() if (folder / "flags.txt").exists() else "")
    rows = (folder / "rows.sql").read_text() if (folder / "rows.sql").exists() else ""
    project = Project(tmp_path / "project", database_url)
    there_and_back(project, before, after, rows, flags)


@pytest.mark.parametrize("database_url", ENGINES, indirect=True)
def test_every_concern(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    project = Project(tmp_path / "project", database_url)
    models = "clickhouse" if project.engine == "clickhouse" else "models"
    before, after = ((WHOLE / f"{models}_{name}.txt").read_text() for name in ("before", "after"))
    rows = (WHOLE / "rows.sql").read_text()
    options = CompareOptions(fills=FillFlags(() if models == "clickhouse" else ("users.country='DE'",)))
    files = there_and_back(project, before, after, rows, Flags(""), options)
    assert [file.path.name for file in files] == [
        f"{at:04}_split_{file.concern}.sql" for at, file in enumerate(files, 2)
    ]
    order = [concern.value for concern in Concern]
    assert [file.concern for file in files] == sorted((file.concern for file in files), key=order.index)
    text = "\n".join(f"-- {file.concern}\n\n{_without_proof(file.text)}" for file in files)
    expected = WHOLE / f"files.{project.engine}.sql"
    if os.environ.get("DBWARDEN_TEST_UPDATE"):
        expected.write_text(text)
    assert text == expected.read_text()


def _without_proof(text: str) -> str:
    return re.sub(r"^-- proven: .*\n\n?", "", text, count=1, flags=re.MULTILINE)


def there_and_back(
    project: Project, before: str, after: str, rows: str, flags: Flags, options: CompareOptions | None = None
) -> list:
    """Split, apply, compare with what the one file leads to, return file by file, apply again. Returns the files."""
    common, now = flags.common(metadata_of(before), metadata_of(after))
    project.reach(before, "before")
    project.execute(rows)
    former, contents = project.dump(), project.rows(common)
    project.models(after)
    report = project.generate("split", options=options or flags.options, split=True)
    assert [file.path for file in report.files] == project.files()[1:]
    assert all(file.proof.proven for file in report.files), [file.proof.text for file in report.files]
    if len(report.files) > 1:
        assert all(file.changes for file in report.files)
    project.migrate()
    assert project.generate("again").empty
    reached, present = project.dump(), project.rows(now)
    for _ in report.files:
        project.rollback()
    assert project.dump() == former
    returned = project.rows(common)
    if not (options and options.fills.values):  # a value that fills a column stays, as in the rollback of the one file
        assert returned == contents

    for path in project.files()[1:]:
        path.unlink()
    project.generate("whole", options=options or flags.options, proof=False)
    project.migrate()
    assert project.dump() == reached, "the one file leads elsewhere"
    assert project.rows(now) == present
    project.rollback()
    assert (project.dump(), project.rows(common)) == (former, returned)
    return list(report.files)
