"""What the commands that look and compare tell while one waits for them."""

from __future__ import annotations

from pathlib import Path

import pytest

import dbwarden
from dbwarden.api.check import check
from dbwarden.api.check_db import check_db
from dbwarden.api.comparison import CompareOptions
from dbwarden.api.diff import diff
from dbwarden.api.progress import Progress, WorkFinished, WorkStarted
from dbwarden.errors import ConnectionFailed
from tests.support.project import Project

READING = "reading database primary"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project", f"sqlite:///{tmp_path}/x.db")
    made.models(
        "import sqlalchemy as sa\nmetadata = sa.MetaData()\nsa.Table('t', metadata, sa.Column('n', sa.Integer))\n"
    )
    return made


def works(events: list[Progress]) -> list[str]:
    """What was begun; each has to have ended before the next."""
    assert [type(event) for event in events] == [WorkStarted, WorkFinished] * (len(events) // 2)
    return [event.activity for event in events if isinstance(event, WorkStarted)]


def test_each_command_tells_what_it_waits_for(project: Project) -> None:
    events: list[Progress] = []
    project.generate(options=CompareOptions(events=events.append))
    assert works(events) == [READING, "trying out the new migration"]

    events.clear()
    diff(config=project.config, options=CompareOptions(events=events.append))
    check_db(config=project.config, events=events.append)
    assert works(events) == [READING] * 2

    events.clear()
    check(config=project.config, events=events.append)
    assert works(events) == [READING] * 2, "what is pending, and the comparison"

    events.clear()
    dbwarden.migrate(config=project.config, options=dbwarden.MigrateOptions(sandbox=True, events=events.append))
    (file,) = project.files()
    assert works(events) == ["building the scratch database", f"trying out {file.name}"]

    events.clear()
    dbwarden.migrate(config=project.config, options=dbwarden.MigrateOptions(events=events.append))
    assert WorkStarted("checking what the pending migrations destroy or block") in events

    events.clear()
    dbwarden.rollback(config=project.config, options=dbwarden.RollbackOptions(force=True, events=events.append))
    assert WorkStarted("checking what the rollback destroys") in events

    events.clear()
    dbwarden.migrate(config=project.config, options=dbwarden.MigrateOptions(baseline=True, events=events.append))
    assert WorkStarted("marking files of database primary as applied") in events


def test_it_ends_with_an_error_too(project: Project) -> None:
    events: list[Progress] = []
    project.url = f"sqlite:///{project.folder}"
    project.models(
        "import sqlalchemy as sa\nmetadata = sa.MetaData()\nsa.Table('t', metadata, sa.Column('n', sa.Integer))\n"
    )
    with pytest.raises(ConnectionFailed):
        check_db(config=project.config, events=events.append)
    assert works(events) == [READING]
