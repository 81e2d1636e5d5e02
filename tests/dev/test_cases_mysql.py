"""The golden cases as models of MySQL and MariaDB, developed on SQLite without a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dev.project import DevProject, nowhere
from tests.dev.test_same_file import develop
from tests.support.cases import CASES

ENGINES = ("mysql", "mariadb")
REFUSED = {
    "columns/generic_types": "a VARCHAR needs a length there",
    "keys/foreign_key_all_actions": "MATCH, which there takes the actions away",
    "mysql/types_of_one_server": "VECTOR, which the version that is assumed without a server does not have",
}
"""Cases whose models are refused for these two without a server."""
ONLY = {"indexes/expression_partial": "mysql"}  # MariaDB has no indexes over expressions
NAMES = [
    (case, ONLY.get(case) or next((engine for engine in ENGINES if engine in engines), ENGINES[at % 2]))
    for at, (case, engines) in enumerate(CASES.items())
    if "rename" not in case and case not in REFUSED
    if not {"sqlite", *ENGINES}.isdisjoint(engines)
]
"""Each case with an engine: one that it is written for, or for general models each of the two in turn."""


@pytest.mark.parametrize(("case", "engine"), NAMES)
def test_there_and_back(case: str, engine: str, tmp_path: Path) -> None:
    project = DevProject(tmp_path, nowhere(engine))
    develop(project, case)
    if project.files():
        project.rollback()
        assert project.dev_dump() == []
