"""The documentation says what the program does: docs/check.py, check by check."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

PATH = Path(__file__).resolve().parents[2] / "docs" / "check.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_check", PATH)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its dataclasses look their own module up by name.
    sys.modules["docs_check"] = module
    spec.loader.exec_module(module)
    return module


check = load()


@pytest.mark.parametrize("name", list(check.CHECKS))
def test_documentation(name: str) -> None:
    wrong = list(check.CHECKS[name]())
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("dbwarden status -d primary  # comment", ("status", "-d", "primary")),
        ('dbwarden new "fix type" | cat', ("new", "fix type")),
        ("dbwarden diff --out sql > out.sql", ("diff", "--out", "sql")),
        ("dbwarden migrate && dbwarden status", ("migrate",)),
    ],
)
def test_words_of_a_shown_command(line: str, arguments: tuple[str, ...]) -> None:
    assert check.arguments(line) == arguments
