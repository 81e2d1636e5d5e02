"""No regular expression uses what Python 3.11.0 to 3.11.4 execute wrongly: possessive quantifiers and atomic groups.

https://github.com/python/cpython/issues/106052; Debian 12 ships 3.11.2.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.lexes import ALL

SOURCE = Path(__file__).resolve().parents[1] / "src" / "dbwarden"
REFUSED = re.compile(r"[*+?}]\+|\(\?>")


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The line and text of every literal; what a formatted one inserts is an ``x``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
            yield node.lineno, "".join(map(str, parts))


def test_no_literal_holds_one() -> None:
    patterns = [
        f"{path.relative_to(SOURCE)}:{line}: {text!r}"
        for path in sorted(SOURCE.rglob("*.py"))
        for line, text in texts(ast.parse(path.read_bytes()))
        if REFUSED.search(text.replace("/*+", ""))  # which opens a hint for MySQL's optimizer
    ]
    assert patterns == []


@pytest.mark.parametrize("lexical_rules", ALL)
def test_no_pattern_of_a_dialect_holds_one(lexical_rules: object) -> None:
    """These are put together from pieces."""
    patterns = [
        lexical_rules.gap,
        lexical_rules.master,
        lexical_rules.significant,
        lexical_rules.body,
        lexical_rules.insert_head,
        lexical_rules.reader(";"),
        lexical_rules.reader("//", "--x"),
    ]  # type: ignore[attr-defined]
    for pattern in filter(None, patterns):
        assert not REFUSED.search(re.sub(r"\\.|\[[^]]*\]", "x", pattern.pattern)), pattern.pattern
