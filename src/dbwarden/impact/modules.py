"""The Python modules of a code base, read without importing them: what a name of a module is, wherever it comes from."""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Defined = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.expr
_FOLLOWED = 8
"""Number of re-exports that are followed."""


@dataclass(frozen=True, slots=True)
class Imported:
    """``from module import name``; without ``name`` the module itself. ``level`` counts the points before it."""

    module: str
    name: str | None = None
    level: int = 0


@dataclass(slots=True)
class Module:
    """The names at the top of a file."""

    path: str
    names: dict[str, Defined | Imported] = field(default_factory=dict)
    stars: list[Imported] = field(default_factory=list)


def parse(content: bytes) -> ast.Module:
    """The syntax tree. Raises ``SyntaxError``, ``ValueError`` and ``RecursionError``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # doubtful escapes in other people's strings
        return ast.parse(content)


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a block, those inside of if, try and with included; what counts in the end comes last."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If | ast.Try | ast.With):
            for handler in getattr(statement, "handlers", ()):
                yield from statements(handler.body)
            yield from statements(statement.body)
            if not for_types(statement):
                yield from statements([*getattr(statement, "orelse", ()), *getattr(statement, "finalbody", ())])


def for_types(statement: ast.stmt) -> bool:
    """Whether it is ``if TYPE_CHECKING``; its else branch defines the same names with less information."""
    match statement:
        case ast.If(test=ast.Name("TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
            return True
    return False


def imported(statement: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Imported]]:
    """The local names that an import binds."""
    for alias in statement.names:
        if isinstance(statement, ast.ImportFrom):
            yield alias.asname or alias.name, Imported(statement.module or "", alias.name, statement.level)
        else:
            package = alias.name.partition(".")[0]
            yield alias.asname or package, Imported(alias.name if alias.asname else package)


def summary(path: str, tree: ast.Module) -> Module:
    """The top-level names of a module."""
    module = Module(path)
    for statement in statements(tree.body):
        match statement:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                module.names[name] = statement
            case ast.Import() | ast.ImportFrom():
                for local, import_ in imported(statement):
                    if import_.name == "*":
                        module.stars.append(import_)
                    else:
                        module.names[local] = import_
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                module.names[name] = value
    return module


class Modules:
    """All Python files by path; each is parsed when one of its names is looked up."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._known: dict[str, Module | None] = {}
        self._by_name: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for path in paths:
            parts = _dotted(path)
            if parts:
                self._by_name.setdefault(parts[-1], []).append((parts, path))

    def add(self, path: str, tree: ast.Module) -> Module:
        """Enter a file that was parsed already."""
        module = self._known[path] = summary(path, tree)
        return module

    @contextmanager
    def parsed(self, path: str, tree: ast.Module) -> Iterator[Module]:
        """Enter a parsed file for a while; one that nothing looked up before is forgotten afterwards."""
        parsed_before = path in self._known
        try:
            yield self.add(path, tree)
        finally:
            if not parsed_before:
                del self._known[path]

    def all(self) -> list[Module]:
        """The modules that were parsed so far."""
        return [module for module in self._known.values() if module is not None]

    def module(self, path: str) -> Module | None:
        """The names of a file; ``None`` where it cannot be read."""
        if path not in self._known:
            try:
                with open(path, "rb") as file:
                    self._known[path] = summary(path, parse(file.read()))
            except (OSError, SyntaxError, ValueError, RecursionError):
                self._known[path] = None
        return self._known[path]

    def file(self, importer: str, name: str, level: int) -> str | None:
        """The file of the module ``name`` as imported by ``importer``; ``None`` for one outside of the code base."""
        parts = tuple(name.split(".")) if name else ()
        if level:
            folder = _folder(importer)
            parts = (*folder[: len(folder) - level + 1], *parts)
        candidates = [
            path for dotted, path in self._by_name.get(parts[-1] if parts else "", ()) if dotted[-len(parts) :] == parts
        ]
        return max(candidates, key=lambda path: (len(os.path.commonpath((path, importer))), -len(path)), default=None)

    def resolve(self, path: str, name: str, depth: int = 0) -> tuple[str, Defined | None] | None:
        """Definition of a module's name: file and node, or a module's file and ``None``."""
        module = self.module(path)
        if module is None or depth > _FOLLOWED:
            return None
        defined = module.names.get(name)
        if isinstance(defined, Imported):
            return self.follow(path, defined, depth)
        if defined is not None:
            return path, defined
        for star in module.stars:
            source = self.file(path, star.module, star.level)
            resolved = self.resolve(source, name, depth + 1) if source else None
            if resolved is not None:
                return resolved
        return None

    def follow(self, path: str, import_: Imported, depth: int = 0) -> tuple[str, Defined | None] | None:
        """Definition that an import of the module at ``path`` leads to."""
        source = self.file(path, import_.module, import_.level)
        if import_.name is None:
            return (source, None) if source else None
        resolved = self.resolve(source, import_.name, depth + 1) if source else None
        if resolved is not None:
            return resolved
        prefix = f"{import_.module}." if import_.module else ""
        submodule = self.file(path, f"{prefix}{import_.name}", import_.level)
        return (submodule, None) if submodule else None


def _dotted(path: str) -> tuple[str, ...]:
    parts = tuple(os.path.splitext(path)[0].strip(os.sep).split(os.sep))
    return parts[:-1] if parts[-1] == "__init__" else parts


def _folder(path: str) -> tuple[str, ...]:
    return tuple(os.path.dirname(path).strip(os.sep).split(os.sep))
