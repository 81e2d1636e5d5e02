"""Types, sequences, extensions and statistics beside the tables: declared ones change in place, and keep what no model says."""

from __future__ import annotations

from pathlib import Path

import pytest

import dbwarden
from dbwarden.api.comparison import CompareOptions
from dbwarden.api.renaming import RenameFlags
from dbwarden.errors import Unsupported
from tests.support.dump import dump_postgresql
from tests.support.project import Project

HEAD = """from sqlalchemy import Column, Enum, Integer, MetaData, Sequence, Table
from dbwarden.objects import CompositeType, Domain, Extension, RangeType, Statistics

metadata = MetaData()
"""
MOOD = 'mood = Enum({}, name="mood", metadata=metadata)\n'
MAIL = 'mail = Domain("{}", "text", metadata=metadata, checks={{"has_at": "VALUE LIKE \'%@%\'"}})\n'
PLACE = 'place = CompositeType("{}", {{{}}}, metadata=metadata)\n'
SPEED = 'speed = RangeType("speed", "float8", metadata=metadata{})\n'


def table(*columns: str) -> str:
    listed = "".join(f", Column({name!r}, {name})" for name in columns)
    listed = listed.replace("mail)", "mail.type)").replace("place)", "place.type)").replace("speed)", "speed.type)")
    return f'Table("t", metadata, Column("id", Integer, primary_key=True){listed})\n'


@pytest.fixture
def project(postgresql_url: str, tmp_path: Path) -> Project:
    return Project(tmp_path / "project", postgresql_url)


def _dump(project: Project) -> list[str]:
    return dump_postgresql(project.url, owners=True)


def test_owner_and_privileges_of_types_survive_a_swap_and_come_back(project: Project) -> None:
    models = HEAD + MOOD.format('"ok", "sad"') + MAIL.format("mail") + table("mood", "mail")
    project.reach(models, "first")
    project.execute(
        "REVOKE USAGE ON TYPE mood FROM PUBLIC;\nGRANT USAGE ON TYPE mood TO pg_monitor;\n"
        "ALTER DOMAIN mail OWNER TO pg_monitor;\nCOMMENT ON TYPE mood IS 'today';\n"
    )
    former = _dump(project)
    project.models(models.replace('"ok", "sad"', '"ok"').replace('"text"', '"varchar(90)"'))
    report = project.generate("second")
    assert report.proof.proven, report.proof.text
    project.migrate()
    reached = _dump(project)
    for kept in ("GRANT ALL ON TYPE public.mood TO pg_monitor", "COMMENT ON TYPE public.mood"):
        assert [line for line in former if kept in line] == [line for line in reached if kept in line] != []
    assert project.generate("again").empty
    project.rollback()
    assert _dump(project) == former


def test_comment_and_privileges_of_a_dropped_sequence_come_back(project: Project) -> None:
    project.reach(HEAD + 'Sequence("numbers", metadata=metadata)\n' + table(), "first")
    project.execute("COMMENT ON SEQUENCE numbers IS 'of tickets';\nGRANT USAGE ON SEQUENCE numbers TO pg_monitor;\n")
    former = _dump(project)
    project.reach(HEAD + table(), "second")
    assert not any("numbers" in line for line in _dump(project))
    project.rollback()
    assert _dump(project) == former


@pytest.mark.parametrize(
    ("before", "after", "flag"),
    [
        (MAIL.format("mail") + table("mail"), MAIL.format("email") + table("mail"), "mail:email"),
        (
            PLACE.format("place", '"x": "int", "y": "int"') + table("place"),
            PLACE.format("spot", '"x": "int", "y": "int"') + table("place"),
            "place:spot",
        ),
        (
            'Sequence("numbers", start=7, metadata=metadata)\n' + table(),
            'Sequence("numerals", start=7, metadata=metadata)\n' + table(),
            "numbers:numerals",
        ),
    ],
    ids=("domain", "composite", "sequence"),
)
def test_renames_are_candidates(project: Project, before: str, after: str, flag: str) -> None:
    project.reach(HEAD + before, "first")
    project.execute("INSERT INTO t (id) VALUES (1);\n")
    former = project.dump()
    project.models(HEAD + after)
    old, new = flag.split(":")
    report = project.generate("second", options=CompareOptions(renames=RenameFlags(ask=lambda _: True)))
    assert f"RENAME TO {new}" in report.text and "DROP" not in report.text
    assert report.proof.proven, report.proof.text
    project.migrate()
    assert project.generate("again").empty
    project.rollback()
    assert project.dump() == former and any(old in line for line in former)


def test_an_attribute_of_a_type_in_use_gets_no_other_type(project: Project) -> None:
    models = HEAD + PLACE.format("place", '"x": "int"') + table("place")
    project.reach(models, "first")
    project.models(models.replace('"int"', '"numeric"'))
    with pytest.raises(Unsupported, match=r"t\.place has this type"):
        project.generate("second")


def test_an_enum_inside_of_a_composite_type_says_why_a_value_stays(project: Project) -> None:
    models = HEAD + MOOD.format('"ok"') + PLACE.format("place", '"x": mood') + table("place")
    project.reach(models, "first")
    project.models(models.replace('"ok"', '"ok", "sad"'))
    report = project.generate("second")
    assert "-- irreversible: " in report.text and "composite type place is made of it" in report.text
    project.migrate()
    project.models(models)
    with pytest.raises(Unsupported, match="composite type place is made of it"):
        project.generate("third")


def test_a_dropped_attribute_is_lost_data(project: Project) -> None:
    models = HEAD + PLACE.format("place", '"x": "int", "y": "int"') + table("place")
    project.reach(models, "first")
    project.models(models.replace(', "y": "int"', ""))
    report = project.generate("second")
    assert report.proof.proven and "data lost: place.y" in report.proof.text
    project.execute("INSERT INTO t VALUES (1, ROW(1, 2));\n")
    with pytest.raises(dbwarden.DBWardenError):
        dbwarden.migrate(config=project.config)
    project.migrate()


def test_undeclared_types_stay_and_are_listed(project: Project) -> None:
    project.execute(
        "CREATE TYPE pair AS (a int, b text);\nCREATE TYPE span AS RANGE (subtype = float8);\n"
        "CREATE DOMAIN digits AS text CHECK (VALUE ~ '^[0-9]+$');\nCREATE TABLE others (p pair, s span, d digits);\n"
    )
    project.models(HEAD + table())
    report = project.generate("first")
    assert report.unowned == ("composite type pair", "domain digits", "range type span", "table others")
    former = [line for line in project.dump() if "public.t" not in line]
    project.migrate()
    assert [line for line in project.dump() if "public.t" not in line] == former


def test_declared_types_that_leave_the_models_are_dropped(project: Project) -> None:
    models = HEAD + PLACE.format("place", '"x": "int"') + SPEED.format("") + MAIL.format("mail")
    models += 'Extension("citext", metadata=metadata)\n'
    project.reach(models + table("place", "speed", "mail"), "first")
    former = project.dump()
    project.models(HEAD + table())
    report = project.generate("second")
    assert report.proof.proven, report.proof.text
    for text in ("DROP TYPE place", "DROP TYPE speed", "DROP DOMAIN mail", "DROP EXTENSION citext"):
        assert text in report.text
    project.migrate()
    project.rollback()
    assert project.dump() == former


def test_a_range_type_without_columns_is_replaced(project: Project) -> None:
    project.reach(HEAD + SPEED.format("") + table(), "first")
    former = project.dump()
    project.models(HEAD + SPEED.format(', subtype_diff="float8mi"') + table())
    report = project.generate("second")
    assert report.proof.proven, report.proof.text
    project.migrate()
    assert project.generate("again").empty
    project.rollback()
    assert project.dump() == former


def test_where_an_extension_is_and_its_version_are_left_alone(project: Project) -> None:
    project.execute("CREATE SCHEMA tools;\nCREATE EXTENSION citext SCHEMA tools;\n")
    project.models(HEAD + 'Extension("citext", metadata=metadata, schema="elsewhere", version="0.1")\n' + table())
    report = project.generate("first")
    assert "EXTENSION" not in report.text
