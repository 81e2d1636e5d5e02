"""Objects beside the tables: whose they are, without a database, and on the engine of the dev database."""

from __future__ import annotations

from pathlib import Path

import pytest

import dbwarden
from dbwarden.errors import ModelReadError, ProofFailed
from tests.support.project import Project

MODELS = """
import sqlalchemy as sa
from dbwarden.objects import Function, MaterializedView, View

metadata = sa.MetaData()
users = sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))
View("named", sa.select(users.c.id).where(users.c.name.is_not(None)), metadata=metadata)
MaterializedView("counted", "SELECT count(*) AS n FROM named", metadata=metadata)
Function("twice(n integer)", "RETURNS integer LANGUAGE sql AS $$ SELECT n * 2 $$", metadata=metadata)
"""


@pytest.fixture
def project(tmp_path: Path, postgresql_url: str) -> Project:
    return Project(tmp_path, postgresql_url)


def with_dev_database(project: Project) -> None:
    config = Path(project.config)
    config.write_text(
        config.read_text().replace(
            "model_paths=", 'dev_database_type="sqlite", dev_database_url="sqlite:///dev.db", model_paths='
        )
    )


def test_only_what_a_migration_made_is_dropped_with_its_declaration(project: Project) -> None:
    project.reach(MODELS)
    project.execute(
        "CREATE VIEW by_hand AS SELECT id FROM users; CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'"
    )
    without = MODELS[: MODELS.index("View(")]
    project.models(without)
    report = project.generate("fewer")
    dropped = [line for line in report.text.split("-- rollback")[0].splitlines() if line.startswith("DROP")]
    assert dropped == ["DROP MATERIALIZED VIEW counted;", "DROP VIEW named;", "DROP FUNCTION twice(n integer);"]
    assert {"view by_hand", "function one()"} <= set(report.unowned)


def test_a_view_of_somebody_else_that_a_file_creates_again_stays_theirs(project: Project) -> None:
    project.reach(MODELS)
    project.execute("CREATE VIEW by_hand AS SELECT name FROM users")
    project.models(MODELS.replace("sa.Text", "sa.String(50)"))
    report = project.generate("shorter")
    assert "DROP VIEW by_hand" in report.text and "CREATE VIEW by_hand" in report.text
    project.migrate()
    assert project.generate("nothing").empty


def test_texts_are_compared_without_a_database(project: Project) -> None:
    project.models(MODELS)
    assert project.generate("first", options=dbwarden.CompareOptions(offline=True)).proof.proven
    assert project.generate("nothing", options=dbwarden.CompareOptions(offline=True)).empty
    project.models(MODELS.replace("n * 2", "n * 3"))
    report = project.generate("thrice", options=dbwarden.CompareOptions(offline=True))
    assert report.proof.proven, report.proof.text
    assert report.changes
    project.migrate()
    assert project.generate("still_nothing").empty


def test_views_are_translated_for_the_dev_database(project: Project) -> None:
    project.models(MODELS)
    with_dev_database(project)
    report = project.generate("first", options=dbwarden.CompareOptions(offline=True))
    section = report.text.split("-- upgrade: sqlite")[1]
    assert "CREATE VIEW named AS SELECT" in section and "CREATE VIEW counted AS SELECT COUNT(*)" in section
    assert "twice" not in section
    assert any("twice(n integer): is left out" in note for note in report.translation_losses)
    dbwarden.migrate(config=project.config, options=dbwarden.MigrateOptions(dev=True))
    assert not dbwarden.diff(config=project.config, options=dbwarden.CompareOptions(dev=True)).notes


def test_what_the_engine_lacks_is_said(tmp_path: Path) -> None:
    project = Project(tmp_path, f"sqlite:///{tmp_path}/app.db")
    project.models(MODELS)
    report = project.generate("first")
    assert "CREATE VIEW named" in report.text and "twice" not in report.text
    assert [note for note in report.notes if "left out" in note] == [
        "materialized view counted: left out, because sqlite has no such objects.",
        "function twice(n integer): left out, because sqlite has no such objects.",
    ]


def test_a_declaration_is_named_with_its_place(tmp_path: Path) -> None:
    """A text that does not end, and one that the server refuses."""
    project = Project(tmp_path, f"sqlite:///{tmp_path}/app.db")
    source = MODELS[: MODELS.index("MaterializedView(")].replace("import Function", "import Trigger, Function")
    project.models(f'{source}Trigger("g", "BEFORE INSERT ON users BEGIN SELECT 1;", metadata=metadata)')
    with pytest.raises(ModelReadError, match=r"trigger users\.g \(models\w*, line 8\): .* END is missing"):
        project.generate("first")
    project.models(f'{source}View("v", "SELECT missing FROM users", metadata=metadata)')
    with pytest.raises(ProofFailed, match="no such column: missing") as caught:
        project.generate("first")
    assert "Correct the declaration of view v in the models" in str(caught.value.hint)


def test_a_view_that_becomes_one_that_the_server_refuses(project: Project) -> None:
    """It is not what stands in the way, although the message names it."""
    project.reach(MODELS)
    project.models(MODELS.replace("SELECT count(*) AS n FROM named", "SELECT missing FROM named"))
    with pytest.raises(ProofFailed, match='column "missing" does not exist') as caught:
        project.generate("wrong")
    assert "Correct the declaration of materialized view counted in the models" in str(caught.value.hint)
