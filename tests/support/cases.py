"""The golden cases: which there are, and the engines that each is for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "cases"
_SQLALCHEMY = [int(part) for part in version("sqlalchemy").split(".")[:3] if part.isdecimal()]


def _known(folder: Path) -> bool:
    """Whether the installed SQLAlchemy has the keywords of the models; ``sqlalchemy.txt`` names the first that does."""
    first = folder / "sqlalchemy.txt"
    return not first.exists() or sqlalchemy_is_at_least(first.read_text())


def sqlalchemy_is_at_least(release: str) -> bool:
    return [int(part) for part in release.split(".")] <= _SQLALCHEMY


CASES: Mapping[str, list[str]] = {
    f"{path.parent.relative_to(FOLDER)}": path.with_name("engines.txt").read_text().split()
    for path in sorted(FOLDER.rglob("after.py"))
    if _known(path.parent)
}
"""Case -> engines; the name of a case is its folder's path below ``FOLDER``."""

PAIRS = [(case, engine) for case, engines in CASES.items() for engine in engines]
