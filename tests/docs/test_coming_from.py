"""The pages on coming from other tools: every command in their tables exists, on both sides."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import CommandLine
from yoyo.scripts.main import make_argparser

from dbwarden import origins
from tests.docs.test_docs import check

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "coming-from"
PAGES = sorted(path for path in FOLDER.glob("*.md"))
PLACES = {"NAME": "x", "VERSION": "0001", "URL": "sqlite:///x.db", "BACKUP": "x", "TABLE": "x"}


def cells(page: Path) -> Iterator[tuple[str, str]]:
    """The first cell of each row of a table, and the rest."""
    for line in page.read_text().splitlines():
        if line.startswith("| ") and not set(line) <= set("|- "):
            first, _, rest = line.strip("| ").replace("\\|", "/").partition(" | ")
            yield first, rest


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def commands(text: str, program: str) -> list[str]:
    return [command for command in re.findall(r"`([^`]+)`", text) if command.startswith(f"{program} ")]


def test_every_origin_has_a_page_in_the_overview() -> None:
    assert {page.stem for page in PAGES} == {"index", *origins.NAMES}
    overview = (FOLDER / "index.md").read_text()
    assert all(f"({name}.md)" in overview and f"--from {name}" in overview for name in origins.NAMES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_our_commands_exist(page: Path) -> None:
    shown = commands(" ".join(cell for row in cells(page) for cell in row), "dbwarden")
    shown += commands(prose(page), "dbwarden")
    for command in dict.fromkeys(shown):
        words = check.arguments(command)
        check.parse(PLACES.get(word, word) for word in words)


def test_commands_of_the_tools_exist() -> None:
    """As far as the tools are installed."""
    parser = CommandLine().parser
    known = {"alembic": set(parser._subparsers._group_actions[0].choices)}  # type: ignore[union-attr, arg-type]
    known["yoyo"] = set(make_argparser()[2].choices)
    listed = subprocess.run(
        [sys.executable, "-m", "django", "help", "--commands"], capture_output=True, text=True, check=True
    )
    known["python manage.py"] = set(listed.stdout.split())
    seen = 0
    for page in PAGES:
        for program, names in known.items():
            for command in commands(prose(page), program):
                assert command.removeprefix(f"{program} ").split()[0] in names, f"{page.name}: {command}"
                seen += 1
    assert seen > 30
