"""Conversions that settings of the session could decide: the same file writes the same data, whoever runs it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.support.conversions import listed, models
from tests.support.project import Project

pytestmark = pytest.mark.acceptance

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


def project_for(folder: Path, url: str, conversions: Iterable[str], rows: Iterable[str] = ()) -> Project:
    """On a database with the former models, one row in each table; the new models are in place."""
    before, after = models(list(conversions))
    project = Project(folder / "project", url)
    project.reach(before)
    for number, value in enumerate(rows):
        project.execute(f"INSERT INTO t{number} (v) VALUES ('{value}')")
    project.models(after)
    return project


def values(project: Project) -> list[str]:
    """As a session in UTC reads them."""
    in_zone(project, "UTC")
    rows = project.rows({f"t{number}": ["v::text"] for number in range(len(CONVERSIONS))})
    return [value for ((value,),) in rows.values()]


def listed_in(text: str, words: str) -> list[str]:
    """The columns of an enumeration behind ``words``, sorted."""
    name = r"t\d\.v(?: \([^)]*\))?"
    enumeration = re.search(rf"{re.escape(words)}({name}(?:(?:, | and ){name})*)", text)
    assert enumeration, text
    return sorted(re.findall(name, enumeration[1]))


def in_zone(project: Project, zone: str) -> None:
    """Sessions that begin from now on are in that time zone."""
    project.execute(f"ALTER DATABASE {make_url(project.url).database} SET TimeZone = '{zone}'")


@pytest.mark.parametrize("zones", [ZONES, ZONES[::-1]], ids=" ".join)
def test_the_time_zone_of_the_session_moves_no_value(
    tmp_path: Path, postgresql_url: str, zones: tuple[str, str]
) -> None:
    was, becomes = ([pair[side] for pair in CONVERSIONS.values()] for side in (0, 1))
    project = project_for(tmp_path, postgresql_url, CONVERSIONS, was)
    report = project.generate()
    names = [f"t{number}.v" for number in range(len(CONVERSIONS))]
    assert listed_in(report.proof.text, "rows compared, times taken as UTC: ") == names
    (note,) = report.notes
    assert listed_in(note, "The times in ") == names and " are taken as UTC." in note
    in_zone(project, zones[0])
    project.migrate()
    assert values(project) == becomes
    in_zone(project, zones[1])
    project.rollback()
    assert values(project) == was
    in_zone(project, zones[0])
    project.migrate()
    assert values(project) == becomes


DEPENDENT = (
    {
        "Text > Date": "DateStyle",
        "DateTime(timezone=True) > Text": "DateStyle and TimeZone",
        "Interval > Text": "IntervalStyle",
        "pg.MONEY > Numeric(12, 2)": "lc_monetary",
    },
    {
        "Double > Text": "extra_float_digits",
        "LargeBinary > Text": "bytea_output",
        "pg.REGCLASS > Text": "search_path",
        "ARRAY(Text) > ARRAY(Date)": "DateStyle",
        "Text > pg.DOMAIN('d',Date)": "DateStyle",
    },
)
"""As many in a file as its header lists."""


@pytest.mark.parametrize("dependent", DEPENDENT, ids=lambda some: " ".join(some.values()))
def test_what_other_settings_decide_is_named(tmp_path: Path, postgresql_url: str, dependent: dict[str, str]) -> None:
    report = project_for(tmp_path, postgresql_url, dependent).generate()
    names = [f"t{number}.v ({settings})" for number, settings in enumerate(dependent.values())]
    assert listed_in(report.proof.text, "values by session settings: ") == names
    for name in names:
        assert any(f"What becomes of {name}" in note for note in report.notes)


SAME = """
    Integer > BigInteger              DateTime > Date                   Date > DateTime
    Text > String(20)                 Integer > Text                    Double > REAL
    Text > Uuid                       Time > Interval                   JSON > pg.JSONB
"""


def test_what_no_setting_decides_is_not(tmp_path: Path, postgresql_url: str) -> None:
    report = project_for(tmp_path, postgresql_url, listed(SAME)).generate()
    assert "schema exact, rows compared" in report.proof.text
    assert "session" not in report.proof.text and "times taken" not in report.proof.text and not report.notes
