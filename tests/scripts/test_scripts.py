"""Plays every session of this folder on the engines that it is meant for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.scripts.session import Session
from tests.servers import TRANSACTIONAL
from tests.support.effort import sample

FOLDER = Path(__file__).parent
SESSIONS = sorted(FOLDER.rglob("*.txt"))


def engines_of(number: int, text: str) -> Sequence[str]:
    """The engines of a session. What reads alike on all of them is played on SQLite and on one server, another one for each
    session, and with ``make nightly`` on all."""
    engines = re.search(r"^# engines: (.*)$", text, re.MULTILINE)
    if engines:
        return engines[1].split()
    if re.search(r"^# on: ", text, re.MULTILINE):
        return TRANSACTIONAL
    return ("sqlite", *sample([name for name in TRANSACTIONAL if name != "sqlite"], number))


def plays() -> Iterator[object]:
    """Each session with each of its engines."""
    for number, path in enumerate(SESSIONS):
        for engine in engines_of(number, path.read_text()):
            yield pytest.param(path, engine, id=f"{path.relative_to(FOLDER).with_suffix('')}-{engine}")


@pytest.mark.parametrize(("path", "engine"), list(plays()))
def test_session(path: Path, engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url: str = request.getfixturevalue(f"{engine}_url")
    text = path.read_text()
    named = re.search(r"^# other: (.*)$", text, re.MULTILINE)
    second = named[1] if named else next(name for name in TRANSACTIONAL if name != engine)
    other: str = request.getfixturevalue(f"{second}_url") if "@OTHER@" in text else ""
    Session(tmp_path / "project", url, other).play(text, path.name)
