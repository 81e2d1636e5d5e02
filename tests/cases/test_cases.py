"""Golden cases, executed: ``before.py`` -> ``after.py`` on every engine that ``engines.txt`` names.

Each passes the whole round trip: generate (the text is ``expected.<engine>.sql``) -> apply -> generate again is empty -> the
schema equals what ``metadata.create_all()`` builds, with new columns at their places -> roll back restores the former schema
exactly, the order of columns included (MySQL, MariaDB, ClickHouse) -> apply again; the rows
of ``rows.sql`` survive, under their new names where ``flags.txt`` renames something; ``sqlalchemy.txt`` names the first
version whose keywords the models use; ``indexes.txt`` names indexes that the server made for a foreign key and that keep
the key's former name. A further version of an engine (``tests.servers.VERSIONS``) has the same text. What the file's header
says about rows is measured (``tests/support/headers.py``).
``DBWARDEN_TEST_UPDATE=1 pytest tests/cases`` writes the expected files: read the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from dbwarden import dialects
from dbwarden.core.engine import SUPPORTED
from dbwarden.core.file import parse
from tests.servers import VERSIONS, session
from tests.support.cases import CASES, FOLDER, PAIRS
from tests.support.column_order import assert_column_order, without_order
from tests.support.dump import dump
from tests.support.effort import NIGHTLY
from tests.support.headers import Change, judge
from tests.support.project import Project, built_by_sqlalchemy, create_all, is_foreign, metadata_of
from tests.support.renamed import Flags
from tests.support.torn import torn

ON_VERSIONS = [
    (case, name)
    for name in VERSIONS
    for case, engine in PAIRS
    if engine == name.partition("_")[0] and (NIGHTLY or case.startswith("mysql/"))
]
"""What only this family has; the other cases with ``make nightly``, since the conformance suite runs on every version."""


@pytest.mark.parametrize(("case", "database_url"), [*PAIRS, *ON_VERSIONS], indirect=["database_url"])
def test_case(case: str, database_url: str, reference_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if database_url.startswith("clickhouse"):
        request.getfixturevalue("embedded_engine")  # what reaches beyond a database is proven there
    folder = FOLDER / case
    project = Project(tmp_path / "project", database_url)
    before, after = ((folder / name).read_text() for name in ("before.py", "after.py"))
    flags = Flags((folder / "flags.txt").read_text() if (folder / "flags.txt").exists() else "")
    common, now = flags.common(metadata_of(before), metadata_of(after))

    base = _apply_before(project, before, folder)
    former, rows = project.dump(), project.rows(common)

    project.models(after)
    report = project.generate(options=flags.options)
    assert not report.empty and not [one for one in report.rename_candidates if one.keeps == "data"]
    assert report.proof.proven, report.proof.text
    assert "example rows changed" not in report.proof.text, report.proof.text
    _check_text(folder / f"expected.{project.engine}.sql", _of_first_version(_without_proof(report.text), database_url))
    project.migrate()

    again = project.generate("again")
    assert again.empty, f"generated a second time:\n{again.text}\nthe first was:\n{report.text}"
    _build(after, reference_url, tmp_path / "reference", folder)
    reference = dump(reference_url)
    expected = without_order(_kept_indexes(folder, flags.with_new_names(reference)))
    reached = project.dump()
    assert without_order(flags.with_new_names(reached)) == expected
    assert_column_order(reached, reference, former, flags)
    assert [len(found) for found in project.rows(now).values()] == [len(found) for found in rows.values()]

    project.rollback()
    assert project.dump() == former
    assert project.rows(common) == rows
    project.migrate()
    assert project.dump() == reached
    assert len(project.files()) == base + 1

    if case.startswith(("partitions/", "types/", "tables/inheritance")) or any(
        map(is_foreign, metadata_of(after).tables.values())
    ):
        return  # example rows would have to suit the partitions and types, or are elsewhere: those of ``rows.sql`` do
    if session.name_of(database_url) in VERSIONS:
        return  # what the header says of rows is the same text, measured on the first version
    change = Change(
        metadata_of(before),
        metadata_of(after),
        report.text,
        flags,
        lambda url: _build(before, url, tmp_path / "judged", None),
    )
    judge(change, project.engine, dumps=(former, reference))


def _build(models: str, url: str, work: Path, case: Path | None) -> None:
    """What the models mean: as SQLAlchemy builds them, with what ``types.postgresql.sql`` of the case creates before the tables
    and ``objects.<engine>.sql`` after them; or as we do from nothing where they say what its dialect cannot."""
    metadata = metadata_of(models)
    declared = "dbwarden" in metadata.info or not all(map(built_by_sqlalchemy, metadata.tables.values()))
    objects = case / f"objects.{session.name_of(url).partition('_')[0]}.sql" if case is not None else None
    if declared and (objects is None or not objects.exists()):
        project = Project(work, url)
        project.reach(models)
        for name in ("lock", "journal", "migrations"):  # a copy of the database would share the lock
            project.execute(f"DROP TABLE IF EXISTS dbwarden_{name}{' SYNC' * url.startswith('clickhouse')}")
    else:
        if case is not None and (types := case / "types.postgresql.sql").exists():
            Project(work, url).execute(types.read_text())
        create_all(metadata, url)
        if declared and objects is not None and objects.exists():
            Project(work, url).execute(objects.read_text())


def _apply_before(project: Project, before: str, folder: Path) -> int:
    """The former schema, made by the tool too, with rows in it; returns how many files that took."""
    project.models(before)
    if not metadata_of(before).tables and not metadata_of(before)._sequences:
        return 0
    project.generate("before", proof=False)  # what is proved is the change; ``before`` is the ``after`` of other cases
    project.migrate()
    if (folder / "rows.sql").exists():
        project.execute((folder / "rows.sql").read_text())
    return 1


def _kept_indexes(folder: Path, reference: list[str]) -> list[str]:
    """A reference in which the indexes of MySQL and MariaDB have the names that they keep; each name occurs."""
    names = folder / "indexes.txt"
    for line in names.read_text().splitlines() if names.exists() else ():
        former, now = (f"KEY `{name}` (" for name in line.split())
        assert any(now in text for text in reference) or not any("KEY `" in text for text in reference), line
        reference = [text.replace(now, former) for text in reference]
    return reference


def _without_proof(text: str) -> str:
    """What was proved names the server's version; that it is true is what the rest of ``test_case`` looks at."""
    return re.sub(r"^-- proven: .*\n", "", text, count=1, flags=re.MULTILINE).lstrip("\n")


def _of_first_version(text: str, url: str) -> str:
    """The text without what differs between the versions of an engine: MariaDB 11.2 copies a table while writers go on."""
    return text.replace("=COPY, LOCK=NONE", "=COPY, LOCK=SHARED") if session.name_of(url) in VERSIONS else text


def _check_text(path: Path, text: str) -> None:
    if os.environ.get("DBWARDEN_TEST_UPDATE"):
        path.write_text(text)
    assert path.read_text() == text


def test_engines_of_every_case_are_known() -> None:
    assert CASES
    for case, engines in CASES.items():
        assert set(engines) <= set(SUPPORTED), case
        for engine in engines:
            assert (FOLDER / case / f"expected.{engine}.sql").exists(), case


@pytest.mark.parametrize("case", [case for case, engine in PAIRS if engine == "postgresql"])
def test_nothing_is_torn_apart(case: str) -> None:
    dialect = dialects.get("postgresql")
    file = parse("0001_x.sql", (FOLDER / case / "expected.postgresql.sql").read_text(), dialect.lexical_rules)
    for statements in (file.upgrade(), file.rollback()):
        assert torn([one.text for one in statements], dialect) == []


def test_what_is_torn_apart_is_found() -> None:
    dropped, away, added = (
        "ALTER TABLE t DROP CONSTRAINT c",
        "DROP INDEX CONCURRENTLY i",
        "ALTER TABLE t ADD CONSTRAINT c",
    )
    assert torn([dropped, away, f"{added} UNIQUE (a)"], dialects.get("postgresql")) == ["c"]
    assert torn([away, dropped, f"{added} UNIQUE (a)"], dialects.get("postgresql")) == []
