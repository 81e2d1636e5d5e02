"""Modules of a dialect that wait for their first use: which ones do, and that a type checker sees the same."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from dbwarden.core.engine import SUPPORTED
from dbwarden.dialects.base.deferred import deferred

DIALECTS = sorted({engine.dialect for engine in SUPPORTED.values()})


def test_a_deferred_module_is_imported_for_its_first_attribute() -> None:
    (module,) = deferred("xml", "sax").values()
    assert module.SAXException is import_module("xml.sax").SAXException
    with pytest.raises(AttributeError, match="has no attribute 'absent'"):
        _ = module.absent
    (missing,) = deferred("xml", "absent").values()
    with pytest.raises(ModuleNotFoundError):
        _ = missing.anything


@pytest.mark.parametrize("name", SUPPORTED)
def test_a_dialect_is_there_without_its_printers(name: str) -> None:
    code = (
        "import sys; from dbwarden import dialects; dialects.get(sys.argv[1]);"
        "print(*sorted(m for m in sys.modules if m.startswith(('dbwarden.dialects.', 'dbwarden.core.'))))"
    )
    done = subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, check=True)
    imported = set(done.stdout.split())
    assert f"dbwarden.dialects.{SUPPORTED[name].dialect}.dialect" in imported
    assert [m for m in imported if m.rpartition(".")[2] in ("ddl", "renderer", "inspect", "facts", "model")] == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_type_checker_sees_the_deferred_modules(dialect: str) -> None:
    tree = ast.parse(Path(import_module(f"dbwarden.dialects.{dialect}.dialect").__file__ or "").read_text())
    (branch,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name
        for node in branch.body
        if isinstance(node, ast.ImportFrom) and not node.module
        for alias in node.names
    }
    calls = [
        node for node in ast.walk(ast.Module(branch.orelse, [])) if isinstance(node, ast.Call) and len(node.args) == 2
    ]
    names = [call.args[1] for call in calls if isinstance(call.args[0], ast.Name)]
    assert seen == {name for node in names if isinstance(node, ast.Constant) for name in node.value.split()}
