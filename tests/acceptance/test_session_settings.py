"""Conversions that settings of the session could decide: the same file writes the same data, whoever runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.support.project import Project

pytestmark = pytest.mark.acceptance

MODELS = """
from sqlalchemy import *
from sqlalchemy.dialects import postgresql as pg

metadata = MetaData()
t = Table("t", metadata, Column("id", Integer, primary_key=True), Column("v", {}))
"""
ZONES = ("Asia/Tokyo", "America/New_York")
CONVERSIONS = {
    "DateTime > DateTime(timezone=True)": ("2026-11-01 01:30:00", "2026-11-01 01:30:00+00"),
    "DateTime(timezone=True) > DateTime": ("2026-11-01 01:30:00+00", "2026-11-01 01:30:00"),
    "Date > DateTime(timezone=True)": ("2026-11-01", "2026-11-01 00:00:00+00"),
    "Time > Time(timezone=True)": ("22:30:00", "22:30:00+00"),
    "ARRAY(DateTime) > ARRAY(DateTime(timezone=True))": (
        '{"2026-11-01 01:30:00",NULL}',
        '{"2026-11-01 01:30:00+00",NULL}',
    ),
    "pg.DOMAIN('d',DateTime) > pg.DOMAIN('d',DateTime(timezone=True))": (
        "2026-11-01 01:30:00",
        "2026-11-01 01:30:00+00",
    ),
}


def value(project: Project) -> str:
    """As a session in UTC reads it."""
    in_zone(project, "UTC")
    (row,) = project.rows({"t": ["v::text"]})["t"]
    return str(row[0])


def in_zone(project: Project, zone: str) -> None:
    """Sessions that begin from now on are in that time zone."""
    project.execute(f"ALTER DATABASE {make_url(project.url).database} SET TimeZone = '{zone}'")


@pytest.mark.parametrize("conversion", CONVERSIONS)
@pytest.mark.parametrize("zones", [ZONES, ZONES[::-1]], ids=" ".join)
def test_the_time_zone_of_the_session_moves_no_value(
    tmp_path: Path, postgresql_url: str, conversion: str, zones: tuple[str, str]
) -> None:
    before, after = conversion.split(" > ")
    was, becomes = CONVERSIONS[conversion]
    project = Project(tmp_path / "project", postgresql_url)
    project.models(MODELS.format(before))
    project.generate()
    project.migrate()
    project.execute(f"INSERT INTO t (v) VALUES ('{was}')")
    project.models(MODELS.format(after))
    report = project.generate()
    assert "rows compared, times taken as UTC: t.v" in report.proof.text
    assert any("The times in t.v are taken as UTC." in note for note in report.notes)
    in_zone(project, zones[0])
    project.migrate()
    assert value(project) == becomes
    in_zone(project, zones[1])
    project.rollback()
    assert value(project) == was
    in_zone(project, zones[0])
    project.migrate()
    assert value(project) == becomes


DEPENDENT = {
    "Text > Date": "DateStyle",
    "DateTime(timezone=True) > Text": "DateStyle and TimeZone",
    "Interval > Text": "IntervalStyle",
    "pg.MONEY > Numeric(12, 2)": "lc_monetary",
    "Double > Text": "extra_float_digits",
    "LargeBinary > Text": "bytea_output",
    "pg.REGCLASS > Text": "search_path",
    "ARRAY(Text) > ARRAY(Date)": "DateStyle",
    "Text > pg.DOMAIN('d',Date)": "DateStyle",
}


@pytest.mark.parametrize("conversion", DEPENDENT)
def test_what_other_settings_decide_is_named(tmp_path: Path, postgresql_url: str, conversion: str) -> None:
    before, after = conversion.split(" > ")
    project = Project(tmp_path / "project", postgresql_url)
    project.models(MODELS.format(before))
    project.generate()
    project.migrate()
    project.models(MODELS.format(after))
    report = project.generate()
    assert f"values by session settings: t.v ({DEPENDENT[conversion]})" in report.proof.text
    assert any(f"What becomes of t.v ({DEPENDENT[conversion]})" in note for note in report.notes)


SAME = """
    Integer > BigInteger              DateTime > Date                   Date > DateTime
    Text > String(20)                 Integer > Text                    Double > REAL
    Text > Uuid                       Time > Interval                   JSON > pg.JSONB
"""


@pytest.mark.parametrize("conversion", [one for line in SAME.split("\n") for one in line.split("  ") if one.strip()])
def test_what_no_setting_decides_is_not(tmp_path: Path, postgresql_url: str, conversion: str) -> None:
    before, after = conversion.strip().split(" > ")
    project = Project(tmp_path / "project", postgresql_url)
    project.models(MODELS.format(before))
    project.generate()
    project.migrate()
    project.models(MODELS.format(after))
    report = project.generate()
    assert "schema exact, rows compared" in report.proof.text
    assert "session" not in report.proof.text and "times taken" not in report.proof.text and not report.notes
