"""What ``make-migrations`` and ``diff`` do where the dev database is of another engine."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

import dbwarden
from dbwarden.api.renaming import RenameFlags
from dbwarden.errors import ConnectionFailed, LossyTranslation, MissingState
from tests.dev.project import DevProject

HEAD = """
from sqlalchemy import *
from sqlalchemy.dialects.postgresql import *
metadata = MetaData()
"""
USERS = HEAD + 'Table("users", metadata, Column("id", Uuid, primary_key=True), Column("tags", ARRAY(Text)){more})\n'
MOODS = HEAD + (
    'Table("{table}", metadata, Column("id", Integer, primary_key=True),\n'
    '      Column("{column}", Enum("{label}", "sad", name="mood"), server_default="{label}"))\n'
)


def users(more: str = "") -> str:
    return USERS.format(more=more)


def test_both_dialects_stand_in_one_file(tmp_path: Path) -> None:
    project = DevProject(tmp_path)
    project.models(users())
    report = project.generate()
    upgrade, _, rest = report.text.partition("-- upgrade: sqlite\n")
    assert "tags TEXT[]" in upgrade and "tags TEXT\n" in rest and "id UUID" in upgrade and "id TEXT NOT NULL" in rest
    assert "-- rollback: sqlite\nDROP TABLE users;" in rest
    assert report.translation_losses == (
        "users.tags: text[] becomes TEXT (SQLite has no arrays: lists are kept as JSON, elements are not checked)",
    )
    assert project.state.exists() and report.state_file == project.state


def test_a_loss_is_told_once(tmp_path: Path) -> None:
    project = DevProject(tmp_path)
    project.models(users())
    project.generate()
    project.models(users(', Column("at", DateTime(timezone=True))'))
    assert [loss.split(":")[0] for loss in project.generate().translation_losses] == ["users.at"]


def test_strict_names_every_loss_and_writes_nothing(tmp_path: Path) -> None:
    project = DevProject(tmp_path)
    project.models(users(', Column("ip", INET), Column("j", JSONB), Index("ix_j", "j", postgresql_using="gin")'))
    with pytest.raises(LossyTranslation) as raised:
        project.generate(strict=True)
    assert raised.value.exit_code == 1
    assert [loss.split(":")[0] for loss in raised.value.losses] == ["users.tags", "users.ip", "users.ix_j"]
    assert all(loss in raised.value.message for loss in raised.value.losses)
    assert not project.files() and not project.state.exists() and not project.dev_path.exists()


def test_strict_is_content_with_what_has_an_equivalent(tmp_path: Path) -> None:
    project = DevProject(tmp_path)
    project.models(
        HEAD
        + 'Table("a", metadata, Column("id", BigInteger, primary_key=True), Column("u", Uuid), Column("j", JSONB),\n'
        '      Column("e", Enum("x", "y", name="e")), Column("t", ARRAY(Text).with_variant(JSON, "sqlite")),\n'
        '      Column("at", DateTime, server_default=func.now()), Column("n", Numeric(10, 2)))\n'
    )
    assert project.generate(strict=True).translation_losses == ()


def test_the_plan_starts_where_the_files_end(tmp_path: Path) -> None:
    """Two files in a row, the first not applied anywhere: no server is asked and nothing comes twice."""
    project = DevProject(tmp_path)
    project.models(users())
    project.generate("one")
    project.models(users(', Column("age", Integer)'))
    report = project.generate("two")
    assert [step.change for step in report.steps] == ["add column users.age"]
    assert report.version == "0002"
    assert [run.key for run in project.migrate().migrations] == ["0001", "0002"]
    assert project.generate().empty and project.diff().empty


def test_files_without_a_state_file(tmp_path: Path) -> None:
    project = DevProject(tmp_path)
    project.models(users())
    project.generate()
    project.state.unlink()
    with pytest.raises(MissingState):
        project.generate()


def test_without_dev_the_primary_is_asked(tmp_path: Path) -> None:
    project = DevProject(tmp_path)
    project.models(users())
    with pytest.raises(ConnectionFailed):
        project.generate(dev=False)


def test_a_removed_file_is_noticed(tmp_path: Path) -> None:
    project = DevProject(tmp_path)
    project.models(users())
    project.generate()
    project.migrate()
    project.models(users(', Column("age", Integer)'))
    project.generate().path.unlink()
    (note,) = project.diff().notes
    assert "model_state.json" in note and "users" in note


def test_with_the_primary_files_carry_both_too(postgresql_url: str, tmp_path: Path) -> None:
    project = DevProject(tmp_path, postgresql_url)
    for more in ("", ", Column(\"e\", String(9), CheckConstraint(\"e in ('a', 'b')\"), server_default=text(\"'a'\"))"):
        project.models(users(more))
        report = project.generate(dev=False)
        assert "-- upgrade: sqlite" in report.text
        project.migrate(dev=False)
        project.migrate()
    assert report.text.count("ALTER TABLE users ADD COLUMN e") == 2, report.text
    assert "CREATE TABLE" not in report.text  # what the server prints in its own words is still the same for SQLite
    assert project.generate("none", dev=False).empty


@pytest.mark.parametrize(
    ("after", "flags"),
    [
        (("faces", "mood", "happy"), RenameFlags(tables=("moods:faces",))),
        (("moods", "face", "happy"), RenameFlags(parts=("moods.mood:face",))),
        (("moods", "mood", "glad"), RenameFlags(parts=("mood.happy:glad",))),
        (("faces", "face", "glad"), RenameFlags(("moods:faces",), ("faces.mood:face", "mood.happy:glad"))),
    ],
    ids=["table", "column", "enum value", "all"],
)
def test_renames_keep_rows(after: tuple[str, str, str], flags: RenameFlags, tmp_path: Path) -> None:
    project = DevProject(tmp_path)
    project.models(MOODS.format(table="moods", column="mood", label="happy"))
    project.generate()
    project.migrate()
    former = project.dev_dump()
    with sqlite3.connect(project.dev_path) as conn:
        conn.execute("INSERT INTO moods (mood) VALUES ('happy'), ('sad')")
    conn.close()
    table, column, label = after
    project.models(MOODS.format(table=table, column=column, label=label))
    report = project.generate(renames=flags)
    assert len(report.renames) == sum(1 for one in (*flags.tables, *flags.parts))
    project.migrate()
    assert rows(project, f"SELECT {column} FROM {table} ORDER BY id") == [(label,), ("sad",)]
    assert project.diff().empty and not project.diff().notes
    project.rollback(to="0001")
    assert rows(project, "SELECT mood FROM moods ORDER BY id") == [("happy",), ("sad",)]
    assert project.dev_dump() == former


def rows(project: DevProject, sql: str) -> list[tuple[object, ...]]:
    conn = sqlite3.connect(project.dev_path)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.close()


def test_a_change_that_sqlite_does_not_see(tmp_path: Path) -> None:
    """A comment changes production only; the file still runs in both directions on both."""
    project = DevProject(tmp_path)
    project.models(users())
    project.generate()
    project.migrate()
    project.models(users(', comment="people"'))
    assert "SELECT 1" in project.generate().text
    project.migrate()
    assert [run.key for run in project.rollback(to="0001").migrations] == ["0002"]


def test_reports_have_a_form_in_json(tmp_path: Path) -> None:
    project = DevProject(tmp_path)
    project.models(users())
    assert dbwarden.to_json(project.generate())["translation_losses"]
    assert dbwarden.to_json(project.diff())["translation_losses"] == []
