"""A writer at work while generated changes run: no committed row is lost, and the statements ask for what they are said to.

How long the writer waits is measured by ``make online``, on tables of a million rows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.changes import KINDS, Kind, kinds
from benchmarks.online import Measurement, OnlineProject, is_online, measure
from tests.support.effort import NIGHTLY

pytestmark = pytest.mark.acceptance

ROWS = 2_000
INSTANT, NOCOPY, INPLACE, COPY = "INSTANT", "NOCOPY, NONE", "INPLACE, NONE", "COPY, SHARED"
DECLARED = {
    "VARCHAR(20) to (200): 800 bytes": {"mariadb": (INSTANT, COPY), "mysql": (COPY, COPY)},
    "add a unique constraint": {"mariadb": (NOCOPY, NOCOPY), "mysql": (INPLACE, INPLACE)},
}
"""What the statements of a change and of its rollback ask for; the server refuses those that it could not obey."""

WAITING = {"INT to BIGINT": True, "add a check": True, "another row format": False}
"""Whether writers wait until a change is done."""
SIZE = re.compile(r" items \((about )?[\d,]+ rows, \d+ [kM]B\) ")


def _some(engine: str, names: Collection[str]) -> Iterator[Kind]:
    """The kinds of changes of these names; all of them with ``make nightly``."""
    assert set(names) <= {kind.name for kind in KINDS}
    return (kind for kind in kinds(engine) if NIGHTLY or kind.name in names)


@pytest.mark.parametrize("database_url", ["mariadb", "mysql"], indirect=True)
def test_no_committed_row_is_lost(database_url: str, tmp_path: Path) -> None:
    project = OnlineProject(tmp_path, database_url, ROWS)
    project.fill()
    for kind in _some(project.engine, DECLARED):
        upgrade, rollback = measure(project, kind)
        for measurement in (upgrade, rollback):
            assert measurement.missing == 0, measurement
            assert measurement.commits > 0, f"nothing was written meanwhile: {measurement}"
        if kind.name in DECLARED:
            assert (upgrade.how, rollback.how) == DECLARED[kind.name][project.engine]
            assert (upgrade.online, rollback.online) == (upgrade.how != COPY, rollback.how != COPY)


@pytest.mark.parametrize("database_url", ["mariadb", "mysql"], indirect=True)
def test_check_reports_what_makes_writers_wait_with_the_size_of_the_table(database_url: str, tmp_path: Path) -> None:
    project = OnlineProject(tmp_path, database_url, ROWS)
    project.fill()
    for kind in _some(project.engine, WAITING):
        project.generate(kind)
        upgrade = [sql for sql in project.sections()[0] if not sql.startswith("UPDATE")]  # which locks rows, not tables
        messages = [finding["message"] for finding in project.report("check")["findings"]]
        waits = [message for message in messages if message.endswith("while nobody can write to it")]
        assert is_online(project.dialect, upgrade) == (not waits), f"{kind.name}: {upgrade}: {messages}"
        assert all(SIZE.search(message) for message in waits), messages
        if kind.name in WAITING:
            assert bool(waits) == WAITING[kind.name]
        project.forget()


def test_a_row_that_is_not_there_is_noticed(mariadb_url: str, tmp_path: Path) -> None:
    project = OnlineProject(tmp_path, mariadb_url, 10)
    project.fill()
    with project.connected() as connection:
        for serial in (1, 2, 4):
            connection.exec_driver_sql(f"INSERT INTO items (origin, serial, code) VALUES (1, {serial}, 'x{serial}')")
            connection.exec_driver_sql("UPDATE items SET hits = hits + 1 WHERE id = 1")
        connection.commit()
    assert project.missing(("goods", "items"), "items", writer=1, commits=3) == 0
    project.commits.clear()
    assert project.missing(("items",), "items", writer=1, commits=4) == 2, "a row and an update"


def test_what_counts_as_a_fault() -> None:
    fine = Measurement("mysql", "add a column", INSTANT, online=True, seconds=0.1, pause=0.2, commits=9)
    assert not list(fine.faults(lock_timeout=5))
    (slow,) = replace(fine, pause=5.0).faults(lock_timeout=5)
    assert slow == "mysql, add a column: declared online, and the writer waited for 5.00 s"
    assert not list(replace(fine, pause=5.0, online=False).faults(lock_timeout=5)), "nobody said that it would not"
    (lost,) = replace(fine, missing=1).faults(lock_timeout=5)
    assert lost == "mysql, add a column: 1 committed writes are missing"
