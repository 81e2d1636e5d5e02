"""Tables that leave the models: only what generated migrations created goes, and only where nobody says otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

import dbwarden
from dbwarden import CompareOptions, DropCandidate, DropFlags
from dbwarden.errors import UsageError
from tests.api.test_renames import answered
from tests.support.command import run
from tests.support.project import Project

HEAD = "from sqlalchemy import *\nmetadata = MetaData()\n"
KEPT = 'Table("kept", metadata, Column("id", Integer, primary_key=True), Column("a", Integer))\n'
GONE = 'Table("gone", metadata, Column("number", String(9), primary_key=True))\n'


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    """``gone`` has left the models and holds two rows."""
    project = Project(tmp_path / "project", database_url)
    project.reach(HEAD + KEPT + GONE, "first")
    project.execute("INSERT INTO gone VALUES ('1');\nINSERT INTO gone VALUES ('2')")
    project.models(HEAD + KEPT)
    return project


def changes(project: Project, **options: object) -> list[str]:
    report = project.generate(write=False, options=CompareOptions(**options))  # type: ignore[arg-type]
    return [step.change for step in report.steps]


def test_yes_on_a_terminal_is_a_drop(project: Project) -> None:
    shown, code = answered(project.folder, {"table gone": "y"}, "make-migrations")
    assert code == 0, shown
    assert "table gone is not in the models any more; it holds 2 rows." in shown and "drop table gone" in shown


def test_no_on_a_terminal_leaves_it_alone(project: Project) -> None:
    shown, code = answered(project.folder, {"table gone": ""}, "make-migrations")
    assert (
        code == 0 and "Nothing to do" in shown and "Left alone, as the models do not describe it: table gone" in shown
    )
    assert len(project.files()) == 1


def test_where_nobody_can_be_asked_the_loss_is_told(project: Project) -> None:
    out = run(project.folder, "diff")
    assert "Data lost by the upgrade:\n  table gone  2 rows  to leave it alone: --keep-table gone\n" in out
    out = run(project.folder, "make-migrations")
    assert "Data lost by the upgrade:\n  table gone  2 rows  to leave it alone: --keep-table gone\n" in out
    assert "DROP TABLE gone" in project.files()[-1].read_text()


def test_flags_decide_without_a_question(project: Project) -> None:
    asked: list[DropCandidate] = []

    def ask(candidate: DropCandidate) -> bool:
        asked.append(candidate)
        return True

    assert changes(project, drops=DropFlags(keep=["gone"], ask=ask)) == []
    assert changes(project, drops=DropFlags(drop=["gone"], ask=ask)) == ["drop table gone"] and not asked
    assert changes(project, drops=DropFlags(ask=ask)) == ["drop table gone"]
    assert asked == [DropCandidate("table gone", 2)]
    with pytest.raises(UsageError, match="--keep-table gone_: no such table of ours has left the models") as error:
        changes(project, drops=DropFlags(keep=["gone_"]))
    assert error.value.hint == "Did you mean gone?"


def test_a_table_to_keep_stays_when_unowned_ones_go(project: Project) -> None:
    """Also one that nobody of ours created, and what it refers to."""
    project.execute("CREATE TABLE elsewhere (id INTEGER PRIMARY KEY)")
    project.execute("CREATE TABLE theirs (id INTEGER REFERENCES elsewhere (id))")
    project.execute("CREATE TABLE nobodys (id INTEGER)")
    every = ["drop table elsewhere", "drop table gone", "drop table nobodys", "drop table theirs"]
    assert sorted(changes(project, drop_unowned=True)) == every
    keep = DropFlags(keep=["gone", "theirs"])
    assert changes(project, drop_unowned=True, drops=keep) == ["drop table nobodys"]
    with pytest.raises(UsageError, match="--keep-table theirs: no such table of ours"):
        changes(project, drops=keep)


def test_columns_are_told_with_their_rows(project: Project) -> None:
    project.execute("INSERT INTO kept VALUES (1, 1)")
    project.models(HEAD + KEPT.replace(', Column("a", Integer)', "") + GONE)
    report = dbwarden.diff(config=project.config)
    assert [(one.object, one.rows, one.keep_flag) for one in report.data_losses] == [("column kept.a", 1, None)]


def test_what_is_written_by_hand_is_left_alone(project: Project) -> None:
    project.models(HEAD + KEPT + GONE)
    (project.folder / "migrations/primary/0002_by_hand.sql").write_text(
        "-- upgrade\nCREATE TABLE by_hand (id integer);\n-- rollback\nDROP TABLE by_hand;\n"
    )
    report = project.generate()
    assert report.empty and "table by_hand" in report.unowned, "pending"
    project.migrate()
    report = project.generate()
    assert report.empty and report.unowned == ("table by_hand",)
    (project.folder / "migrations/primary/0002_by_hand.sql").unlink()
    assert project.generate().empty, "its rollback is in the history, and not generated"


def test_a_generated_file_that_is_gone_still_says_whose_the_table_is(project: Project) -> None:
    project.files()[0].unlink()
    assert changes(project) == ["drop table gone"]


# -- what the configuration ignores -------------------------------------------------------------------------------


def configure(project: Project, setting: str) -> None:
    path = project.folder / "warden.py"
    path.write_text(path.read_text().rstrip().removesuffix(")") + f", {setting})\n")


def test_an_ignored_table_is_out_of_sight(project: Project) -> None:
    configure(project, 'ignore_tables=["go*", "other"]')
    report = project.generate(options=CompareOptions(drop_unowned=True))
    assert report.empty and report.unowned == ()
    assert [one.name for one in dbwarden.check_db(config=project.config).tables] == ["kept"]
    assert dbwarden.check(config=project.config).clean
    project.models(HEAD + KEPT + GONE + 'Table("other", metadata, Column("id", Integer, primary_key=True))\n')
    configure(project, 'ignore_tables=["go*", "other"]')
    assert dbwarden.diff(config=project.config).empty, "in the models as well"


def test_an_ignored_index_stays_through_a_rebuild(project: Project) -> None:
    project.execute("CREATE INDEX dba_a ON kept (a)")
    project.models(
        HEAD
        + KEPT.replace("Integer)", "Integer, nullable=False)", 2).replace("primary_key=True", "primary_key=True")
        + GONE
    )
    configure(project, 'ignore_indexes=["dba_*"]')
    report = project.generate()
    assert not report.empty and not any("dba_a" in step.change for step in report.steps)
    project.migrate()
    assert any("dba_a" in line for line in project.dump())
    assert project.generate().empty


def test_ignored_schemas_and_types(tmp_path: Path, postgresql_url: str) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    project.models(HEAD + KEPT)
    project.execute(
        "CREATE SCHEMA audit;\nCREATE TABLE audit.log (id integer);\nCREATE TYPE mood AS ENUM ('a');\n"
        "CREATE SEQUENCE numbers;\nCREATE VIEW v AS SELECT 1 AS one;\nCREATE DOMAIN d AS integer"
    )
    project.generate("first")
    project.migrate()
    assert set(dbwarden.diff(config=project.config).unowned) == {"enum mood", "sequence numbers", "view v", "domain d"}
    configure(
        project, 'ignore_enums=["mood"], ignore_sequences=["num*"], ignore_views=["public.v"], ignore_domains=["d"]'
    )
    assert dbwarden.diff(config=project.config).unowned == ()
    assert [one.name for one in dbwarden.check_db(config=project.config).tables] == ["kept", "audit.log"]
    configure(project, 'ignore_schemas=["aud*"]')
    assert [one.name for one in dbwarden.check_db(config=project.config).tables] == ["kept"]


def test_what_is_left_alone_keeps_what_it_uses(tmp_path: Path, postgresql_url: str) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    mood = 'Table("t", metadata, Column("id", Integer, primary_key=True), Column("m", Enum("a", "b", name="mood")))\n'
    project.reach(HEAD + KEPT + mood, "first")
    project.execute("CREATE TABLE theirs (m mood, t integer REFERENCES t)")
    project.models(HEAD + KEPT)
    assert changes(project) == []
    project.execute("ALTER TABLE theirs DROP COLUMN t")
    assert changes(project) == ["drop table t"]
    project.execute("DROP TABLE theirs")
    assert changes(project) == ["drop table t", "drop enum mood"]
