"""Schemas that only the history knows, tables that move between schemas, enums that get another name."""

from __future__ import annotations

from pathlib import Path

import pytest

import dbwarden
from dbwarden import CompareOptions, RenameFlags
from dbwarden.errors import UsageError
from tests.support.command import run
from tests.support.project import Project

HEAD = "from sqlalchemy import *\nmetadata = MetaData()\n"
A = 'Table("a", metadata, Column("id", Integer, primary_key=True))\n'
B = (
    'Table("b", metadata, Column("id", Integer, primary_key=True), Column("n", Integer, index=True),\n'
    '    Column("a", ForeignKey("a.id")), UniqueConstraint("n", "a"){more})\n'
    'Table("c", metadata, Column("id", Integer, primary_key=True), Column("b", ForeignKey("{prefix}b.id")))\n'
)


def b(schema: str | None) -> str:
    return B.format(more=f', schema="{schema}"' if schema else "", prefix=f"{schema}." if schema else "")


@pytest.fixture
def project(tmp_path: Path, postgresql_url: str) -> Project:
    project = Project(tmp_path / "project", postgresql_url)
    project.reach(HEAD + A + b("s1"), "first")
    project.execute("INSERT INTO s1.b VALUES (1, 2, NULL);\nCREATE VIEW v AS SELECT n FROM s1.b")
    return project


def steps(project: Project, *flags: str) -> list[str]:
    options = CompareOptions(renames=RenameFlags(tables=flags))
    return [step.change for step in project.generate(write=False, proof=False, options=options).steps]


@pytest.mark.parametrize("file", ["there", "gone"])
def test_a_schema_that_the_models_no_longer_mention_is_looked_at(project: Project, file: str) -> None:
    project.execute("DROP VIEW v")
    project.models(HEAD + A)
    if file == "gone":
        project.files()[0].unlink()
    changes = steps(project)
    assert "drop table s1.b" in changes and "drop schema s1" in changes
    report = project.generate("away")
    assert report.proof.proven, report.text
    if file == "gone":
        return
    before = project.dump()
    project.migrate()
    assert project.generate().empty
    project.rollback()
    assert project.dump() == before


@pytest.mark.parametrize("there", [None, "s2"])
def test_a_table_moves_with_its_rows(project: Project, there: str | None) -> None:
    project.models(HEAD + A + b(there))
    report = project.generate(write=False, proof=False)
    name = f"{there}.b" if there else "b"
    (candidate,) = report.rename_candidates
    if there is None:
        assert candidate.flag == f"--rename-table s1.b:{name}" and candidate.new_name == name
        assert "same name in another schema" in candidate.evidence
    else:  # one question about the schema, not one for each of its tables
        assert candidate.flag == f"--rename 'schema s1:{there}'" and candidate.new_name == there
    before = project.dump()
    output = run(project.folder, "make-migrations", "--rename-table", f"s1.b:{name}")
    text = project.files()[-1].read_text()
    assert f"ALTER TABLE s1.b SET SCHEMA {there or 'public'};" in text and "DROP TABLE" not in text, output
    assert text.startswith(f"-- renames: table s1.b:{name}, index ") and "\n-- proven:" in text, text
    assert f"move table s1.b → {there or 'public'}.b" in output
    project.migrate()
    assert project.generate("again").empty
    assert project.rows({name: ["n"]}) == {name: [("2",)]}
    project.rollback()
    assert project.dump() == before and project.rows({"s1.b": ["n"]}) == {"s1.b": [("2",)]}
    project.migrate()
    project.models(HEAD + A)
    assert f"drop table {name}" in steps(project), "it is still ours"


MOOD = (
    'Table("t", metadata, Column("id", Integer, primary_key=True),\n'
    '    Column("m", Enum({values}, name="{name}"), server_default="a", nullable=False),\n'
    '    CheckConstraint("m <> \'b\'", name="not_b"))\n'
)


def mood(name: str, *values: str) -> str:
    return HEAD + MOOD.format(name=name, values=", ".join(f'"{value}"' for value in values))


@pytest.fixture
def moods(tmp_path: Path, postgresql_url: str) -> Project:
    project = Project(tmp_path / "project", postgresql_url)
    project.reach(mood("mood", "a", "b", "c"), "first")
    project.execute("INSERT INTO t VALUES (1, 'c')")
    return project


@pytest.mark.parametrize("values", ["abc", "abcd"])
def test_an_enum_gets_another_name(moods: Project, values: str) -> None:
    moods.models(mood("feeling", *values))
    report = moods.generate(write=False)
    assert [one.flag for one in report.rename_candidates] == ["--rename 'enum mood:feeling'"]
    before = moods.dump()
    run(moods.folder, "make-migrations", "--rename", "enum mood:feeling")
    text = moods.files()[-1].read_text()
    assert "ALTER TYPE mood RENAME TO feeling;" in text and "-- proven:" in text
    moods.migrate()
    assert moods.generate("again").empty
    moods.rollback()
    assert moods.dump() == before
    moods.migrate()
    moods.models(HEAD + 'Table("t", metadata, Column("id", Integer, primary_key=True))\n')
    assert "drop enum feeling" in steps(moods), "it is still ours"


@pytest.mark.parametrize("values", ["abc", "acd", "xyz"])
def test_a_column_changes_from_one_enum_to_another(moods: Project, values: str) -> None:
    """The old one goes, as our history created it."""
    moods.execute("DELETE FROM t")
    moods.models(mood("other", *values).replace('server_default="a", ', "").replace("m <> 'b'", f"m <> '{values[1]}'"))
    before = moods.dump()
    report = moods.generate()
    assert report.proof.proven, report.proof.text
    assert "DROP TYPE mood;" in report.text.partition("-- rollback")[0]
    moods.migrate()
    assert moods.generate("again").empty
    moods.rollback()
    assert moods.dump() == before


def test_enums_that_the_state_file_knows_go_on_an_adopted_database(tmp_path: Path, postgresql_url: str) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    project.execute(
        "CREATE TYPE mood AS ENUM ('a', 'b');\nCREATE TYPE theirs AS ENUM ('a');\n"
        "CREATE TABLE t (id serial PRIMARY KEY, m mood)"
    )
    table = 'Table("t", metadata, Column("id", Integer, primary_key=True), Column("m", {type}))\n'
    project.models(HEAD + table.format(type='Enum("a", "b", name="mood")'))
    dbwarden.export_models(config=project.config)
    project.models(HEAD + table.format(type="String(20)"))
    report = project.generate()
    assert report.proof.proven, report.proof.text
    assert [step.change for step in report.steps][-1] == "drop enum mood" and report.unowned == ("enum theirs",)
    project.migrate()
    assert "Left alone, as the models do not describe it: enum theirs" in run(project.folder, "diff")


def test_drop_unowned_reaches_types_and_sequences(tmp_path: Path, postgresql_url: str) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    project.execute(
        "CREATE TYPE mood AS ENUM ('a');\nCREATE DOMAIN d AS mood;\nCREATE SEQUENCE s;\n"
        "CREATE TABLE theirs (d d, n int DEFAULT nextval('s'))"
    )
    project.models(HEAD + A)
    report = project.generate(options=CompareOptions(drop_unowned=True))
    assert report.proof.proven, report.proof.text
    project.migrate()
    assert dbwarden.diff(config=project.config).unowned == ()


OBJECTS = """
from sqlalchemy import Column, Integer, MetaData, Table
from dbwarden.objects import Function, Trigger, View

metadata = MetaData()
Table("{table}", metadata, Column("id", Integer, primary_key=True), Column("n", Integer), schema="{schema}")
View("{view}", "SELECT id, n FROM {schema}.{table} WHERE n > 0", metadata=metadata)
Function("touch()", "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$", metadata=metadata)
{trigger}Trigger("{trigger_name}", "BEFORE UPDATE ON {schema}.{table} FOR EACH ROW EXECUTE FUNCTION touch()", metadata=metadata)
"""


def objects(schema: str = "s1", table: str = "users", view: str = "active", trigger: str = "touch") -> str:
    return OBJECTS.format(schema=schema, table=table, view=view, trigger="" if trigger else "# ", trigger_name=trigger)


def test_views_triggers_and_schemas_are_renamed_and_stay_ours(postgresql_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    project.reach(objects())
    project.models(objects(schema="s2", view="current", trigger="touched"))
    report = project.generate(write=False)
    kept = [(one.flag, one.keeps) for one in report.rename_candidates]
    assert kept == [("--rename 'schema s1:s2'", "contents"), ("--rename 'view active:current'", "privileges")]
    asked: list[str] = []
    flags = RenameFlags(ask=lambda candidate: asked.append(candidate.object) or True)
    report = project.generate(options=CompareOptions(renames=flags))
    assert asked == ["schema s1", "view active"]
    assert [step.change for step in report.steps] == [
        "rename schema s1 to s2",
        "rename view active to current",
        "rename trigger s2.users.touch to touched",
    ]
    project.migrate()
    assert project.generate("nothing").empty
    project.models(objects(schema="s2", view="current", trigger=""))
    assert [step.change for step in project.generate(write=False).steps] == ["drop trigger s2.users.touched"], (
        "still ours"
    )


def test_the_schema_of_the_history_keeps_its_name(postgresql_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    project.execute("CREATE SCHEMA s1")

    def models(schema: str) -> None:
        project.models(objects(schema=schema))
        config = Path(project.config)
        config.write_text(config.read_text().replace('database_type="', 'history_schema="s1", database_type="'))

    models("s1")
    project.generate(proof=False)
    project.migrate()
    models("s2")
    with pytest.raises(UsageError, match="the schema s1 cannot be renamed by a migration"):
        project.generate(options=CompareOptions(renames=RenameFlags(parts=("schema s1:s2",))))
    assert "--rename 'schema s1:s2'" not in [one.flag for one in project.generate(write=False).rename_candidates]
