"""Faults in a generated file that the proof has to find: another text is put in the place of the one that was generated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dbwarden
from dbwarden.errors import ProofFailed
from tests.support.command import write_migration
from tests.support.project import Project

pytestmark = pytest.mark.acceptance

MODELS = """
from sqlalchemy import *
metadata = MetaData()
t = Table("t", metadata, Column("id", Integer, primary_key=True), Column("v", {v}), Column("w", Integer){more})
"""
MORE = ", Column('b', Integer), Column('n', Integer)"
ADD, DROP = "ALTER TABLE t ADD COLUMN b INTEGER, ADD COLUMN n INTEGER;", "ALTER TABLE t DROP COLUMN b, DROP COLUMN n;"
DIFFERENT = """DO $$ BEGIN
    ALTER TABLE t ADD COLUMN n INTEGER;
    IF EXISTS (SELECT FROM t) THEN ALTER TABLE t ADD COLUMN b BIGINT; ELSE ALTER TABLE t ADD COLUMN b INTEGER; END IF;
    INSERT INTO t (w) VALUES (1);
END $$;"""
"""Makes another column the second time, when the row of the first time is there."""
SCHEMA_FAULTS = {
    "another type": (ADD.replace("b INTEGER", "b BIGINT"), DROP, "the upgrade leads to another schema than the models"),
    "something more": (
        ADD + "\nCREATE INDEX i ON t (w);",
        DROP + "\nDROP INDEX i;",
        "the upgrade leads to another schema",
    ),
    "half of it comes back": (ADD, "ALTER TABLE t DROP COLUMN b;", "the rollback does not lead back"),
    "too much goes": (ADD, DROP + "\nALTER TABLE t DROP COLUMN w;", "the rollback does not lead back"),
    "the second upgrade": (DIFFERENT, DROP, "the second upgrade leads to another schema"),
    "a rollback that fails": (ADD, "DROP TABLE nowhere;", "statement 1 failed"),
}


@pytest.fixture
def project(tmp_path: Path, postgresql_url: str) -> Project:
    made = Project(tmp_path / "project", postgresql_url)
    made.reach(MODELS.format(v="DateTime", more=""))
    return made


def generated(project: Project, monkeypatch: pytest.MonkeyPatch, upgrade: str, rollback: str) -> str:
    text = f"-- upgrade\n{upgrade}\n\n-- rollback\n{rollback}\n"
    monkeypatch.setattr("dbwarden.api.make_migrations.file_text", lambda statements, other=None: text)
    return str(project.generate(write=False).proof.text)


@pytest.mark.parametrize("fault", SCHEMA_FAULTS)
def test_a_wrong_schema_is_no_proof(project: Project, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    upgrade, rollback, reason = SCHEMA_FAULTS[fault]
    project.models(MODELS.format(v="DateTime", more=MORE))
    with pytest.raises(ProofFailed, match=reason):
        generated(project, monkeypatch, upgrade, rollback)
    assert len(project.files()) == 1


@pytest.mark.parametrize("fault", ["half of it comes back", "too much goes", "the second upgrade"])
def test_a_wrong_schema_does_not_hold_in_the_sandbox(project: Project, fault: str) -> None:
    upgrade, rollback, _ = SCHEMA_FAULTS[fault]
    write_migration(project.folder / "migrations" / "primary", "0002_by_hand", upgrade, rollback)
    report = dbwarden.prove("2", config=project.config)
    reason = (
        "a second upgrade leads to another schema"
        if fault == "the second upgrade"
        else "the rollback does not lead back"
    )
    assert not report.succeeded and any(reason in problem for problem in report.problems), report
    assert "-- proven" not in project.files()[-1].read_text()


ZONED = "ALTER TABLE t ALTER COLUMN v TYPE TIMESTAMP WITH TIME ZONE{};"
BACK = "ALTER TABLE t ALTER COLUMN v TYPE TIMESTAMP{};"
UTC = " USING v AT TIME ZONE 'UTC'"


def test_rows_that_sessions_convert_in_different_ways_are_named(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.models(MODELS.format(v="DateTime(timezone=True)", more=""))
    text = generated(project, monkeypatch, ZONED.format(""), BACK.format(""))
    assert "data lost: t.v (example rows changed)" in text and "times taken as" not in text
    text = generated(project, monkeypatch, ZONED.format(UTC), BACK.format(""))
    assert "data lost: t.v (example rows changed)" in text
    text = generated(project, monkeypatch, ZONED.format(UTC), BACK.format(UTC))
    assert "rows compared, times taken as UTC: t.v" in text and "lost" not in text


def test_rows_of_columns_that_nothing_changes_have_to_stay(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.models(MODELS.format(v="DateTime(timezone=True)", more=""))
    with pytest.raises(ProofFailed, match="the rollback does not bring back the rows"):
        generated(project, monkeypatch, ZONED.format(UTC) + "\nUPDATE t SET w = 7;", BACK.format(UTC))


def test_the_scratch_is_made_from_the_database(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not from what the models say."""
    project.execute("CREATE INDEX by_hand ON t (w)")
    project.models(MODELS.format(v="DateTime", more=MORE))
    with pytest.raises(
        ProofFailed, match=r"t: index by_hand \(w\) is there, and should not be|rollback does not lead back"
    ):
        generated(project, monkeypatch, ADD, DROP)
    text = generated(project, monkeypatch, ADD + "\nDROP INDEX by_hand;", "CREATE INDEX by_hand ON t (w);\n" + DROP)
    assert re.match(r"postgresql [\d.]+, upgrade/rollback/upgrade, schema exact", text)
