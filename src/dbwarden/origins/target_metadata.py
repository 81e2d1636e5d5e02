"""The modules with the models that an ``env.py`` of Alembic compares with, read from its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from .python_modules import ModuleFinder
from .text import assignments

_Imports = Mapping[str, tuple[str, str]]
"""Name in env.py -> module, and name in the module (empty if the module itself is imported)."""

_UNKNOWN = "Set model_paths in warden.py to the modules with the models."


def model_paths(tree: ast.Module, modules: ModuleFinder, file: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The modules of ``target_metadata``, and those that env.py imports only for their effect, which is to add their models to
    it; and notes on what cannot be read."""
    imports = dict(_imports(tree))
    values = dict(assignments(tree))
    target = values.get("target_metadata")
    if target is None or (isinstance(target, ast.Constant) and target.value is None):
        return (), (f"{file} names no models (target_metadata). {_UNKNOWN}",)
    names: list[str] = []
    for expression in _parts(target, values):
        module = _module_of(expression, imports, modules)
        if module is None:
            return (), (f"{file}:{expression.lineno}: target_metadata is computed. {_UNKNOWN}",)
        names.append(module)
    names += _imported_for_effect(tree, imports, modules)
    entries = [modules.entry(name) for name in _without_submodules(names)]
    return tuple(dict.fromkeys(entries)), ()


def _imports(tree: ast.Module) -> Iterator[tuple[str, tuple[str, str]]]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    first = alias.name.partition(".")[0]
                    yield alias.asname or first, (alias.name if alias.asname else first, "")
            case ast.ImportFrom(module=str(module), names=aliases, level=0):
                for alias in aliases:
                    name = f"* of {module}" if alias.name == "*" else alias.asname or alias.name
                    yield name, (module, alias.name)


def _parts(target: ast.expr, values: Mapping[str, ast.expr], depth: int = 3) -> list[ast.expr]:
    """The elements of a list, and what a name stands for that env.py assigns."""
    if isinstance(target, ast.List | ast.Tuple):
        return [part for element in target.elts for part in _parts(element, values, depth)]
    if isinstance(target, ast.Name) and target.id in values and depth:
        return _parts(values[target.id], values, depth - 1)
    return [target]


def _module_of(expression: ast.expr, imports: _Imports, modules: ModuleFinder) -> str | None:
    """The module that defines ``Base.metadata``, ``models.Base.metadata`` or ``app.models.metadata``."""
    names: list[str] = []
    while isinstance(expression, ast.Attribute):
        names.insert(0, expression.attr)
        expression = expression.value
    if not isinstance(expression, ast.Name) or expression.id not in imports:
        return None
    module, name = imports[expression.id]
    return _deepest_module(module, [*filter(None, (name,)), *names], modules)


def _deepest_module(module: str, names: list[str], modules: ModuleFinder) -> str:
    for name in names:
        if modules.path(f"{module}.{name}") is None:
            break
        module = f"{module}.{name}"
    return module


def _imported_for_effect(tree: ast.Module, imports: _Imports, modules: ModuleFinder) -> Iterator[str]:
    """Modules of the project that env.py imports and does not use."""
    used = {_dotted(node) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)}
    for node in ast.walk(tree):
        for alias in node.names if isinstance(node, ast.Import) else ():
            if not any(f"{name}.".startswith(f"{alias.asname or alias.name}.") for name in used):
                yield from filter(modules.path, (alias.name,))
    for name, (module, attribute) in imports.items():
        if attribute and name not in used:
            yield from filter(modules.path, (_deepest_module(module, [attribute], modules),))


def _dotted(node: ast.expr) -> str:
    """``app.models.Base`` as text; empty if it does not begin with a name."""
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return node.id if isinstance(node, ast.Name) else ""


def _without_submodules(names: list[str]) -> list[str]:
    """Names without modules of packages that are named too: packages are walked."""
    return [name for name in names if not any(name.startswith(f"{other}.") for other in names)]
