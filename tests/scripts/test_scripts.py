"""Plays every session of this folder on every engine it is meant for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripts.session import Session
from tests.servers import TRANSACTIONAL

FOLDER = Path(__file__).parent
SESSIONS = sorted(FOLDER.rglob("*.txt"))


def plays() -> Iterator[object]:
    """Each session with each of its engines."""
    for path in SESSIONS:
        engines = re.search(r"^# engines: (.*)$", path.read_text(), re.MULTILINE)
        for engine in engines[1].split() if engines else TRANSACTIONAL:
            yield pytest.param(path, engine, id=f"{path.relative_to(FOLDER).with_suffix('')}-{engine}")


@pytest.mark.parametrize(("path", "engine"), list(plays()))
def test_session(path: Path, engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url: str = request.getfixturevalue(f"{engine}_url")
    text = path.read_text()
    named = re.search(r"^# other: (.*)$", text, re.MULTILINE)
    second = named[1] if named else next(name for name in TRANSACTIONAL if name != engine)
    other: str = request.getfixturevalue(f"{second}_url") if "@OTHER@" in text else ""
    Session(tmp_path / "project", url, other).play(text, path.name)
