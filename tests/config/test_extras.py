"""The names under which people install a driver."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]


def _requirements(extra: str) -> set[str]:
    """What an extra installs; one that names another extra of this package installs what that one does."""
    extras: set[str] = set()
    for requirement in EXTRAS[extra]:
        name, _, others = requirement.removesuffix("]").partition("[")
        if name == PROJECT["name"]:
            extras.update(*(_requirements(other) for other in others.split(",")))
        else:
            extras.add(requirement)
    return extras


@pytest.mark.parametrize("alias", ["postgres", "pg"])
def test_other_names_of_postgresql(alias: str) -> None:
    assert _requirements(alias) == _requirements("postgresql") != set()
