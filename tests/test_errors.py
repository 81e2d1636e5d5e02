"""Every error is raised with the fields that its class names, and with all that its message needs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from dbwarden import errors
from dbwarden.errors import DamagedRow, DBWardenError, UsageError

SOURCE = Path(__file__).resolve().parents[1] / "src" / "dbwarden"
KINDS = {
    name: kind
    for name in errors.__all__
    if isinstance(kind := getattr(errors, name), type) and issubclass(kind, DBWardenError)
}


def raised() -> Iterator[tuple[str, type[DBWardenError], ast.Call]]:
    """Where the source makes an error, and of which class."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", KINDS[node.func.id], node


def test_fields_are_those_of_the_class() -> None:
    wrong = []
    for place, kind, call in raised():
        keywords = {keyword.arg for keyword in call.keywords}
        wrong += [f"{place}: {kind.__name__} has no field {name}" for name in keywords - kind._fields - {"hint", None}]
        needed = {name for _, name, _, _ in Formatter().parse(kind.__doc__ or "") if name}
        if not call.args and None not in keywords:
            wrong += [f"{place}: {kind.__name__} lacks {name}" for name in needed - keywords if not hasattr(kind, name)]
    assert wrong == []


def test_every_error_has_its_name_in_the_package() -> None:
    defined = [
        node.name
        for path in (SOURCE / "errors").glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    ]
    assert set(defined) - set(errors.__all__) == set()


def test_fields_are_attributes() -> None:
    error = DamagedRow(table="t", column="c", value="'x'", expected="a number")
    assert (error.table, error.column) == ("t", "c")
    assert error.message == "The table t holds 'x' as c, which is not a number"
    assert "SELECT * FROM t" in (error.hint or "")
    assert error.finished is None


def test_an_unknown_field_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="UsageError has no field 'colour'"):
        UsageError("no", colour="red")
    with pytest.raises(TypeError, match="UsageError has no field 'file'"):
        UsageError("no", file="that of another class")
