"""The setting DATABASES of a Django project, computed from the syntax tree as far as it consists of literals, paths and
environment variables. The settings are not executed."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dbwarden.core.suggestions import did_you_mean

from .text import read_python, shown, variable_read


@dataclass(frozen=True, slots=True)
class Variable:
    """The value of an environment variable."""

    name: str
    default: object = None


class Unreadable(Exception):
    """A setting that would have to be executed."""

    def __init__(self, reason: str, file: str = "") -> None:
        super().__init__(reason)
        self.file = file


_READERS = ("config", "env", "str", "int", "getenv", "get")
"""Functions of python-decouple and django-environ that read one variable: ``config("X")``, ``env.str("X")``."""
_URL_READERS = ("db", "db_url", "parse", "config")
"""Functions of django-environ and dj-database-url that return a whole dictionary."""


@dataclass
class SettingsReader:
    """Evaluates names of the settings modules of the project in ``root``."""

    root: Path
    names: dict[str, tuple[ast.expr, Path]] = field(default_factory=dict)
    """Names assigned so far, with the file."""

    def database(self, module: str, alias: str = "default") -> tuple[Path, Mapping[str, object] | Variable]:
        """File and value of ``DATABASES[alias]``. Raises ``Unreadable``."""
        path = self._path(module)
        if path is None:
            raise Unreadable(f"the settings module {module} is not a file of this project")
        self._read(module, path)
        if "DATABASES" not in self.names:
            raise Unreadable(f"{shown(path, self.root)} has no DATABASES", shown(path, self.root))
        expression, file = self.names["DATABASES"]
        databases = self.value(expression, file)
        if not isinstance(databases, dict) or alias not in databases:
            names = [str(name) for name in databases] if isinstance(databases, dict) else []
            known = f"; it has {', '.join(names)}{did_you_mean(alias, names)}" if names else ""
            raise Unreadable(f"DATABASES in {shown(file, self.root)} has no '{alias}'{known}", shown(file, self.root))
        database = databases[alias]
        if isinstance(database, Unreadable):
            raise database
        if not isinstance(database, dict | Variable):
            raise self._unreadable(expression, file)
        return file, database

    def _path(self, module: str) -> Path | None:
        stem = self.root.joinpath(*module.split("."))
        return next(
            (path for path in (stem.with_name(f"{stem.name}.py"), stem / "__init__.py") if path.is_file()), None
        )

    def _read(self, module: str, path: Path, depth: int = 5) -> None:
        """Collect the assignments of a module, and of those of the project that it imports with a star."""
        for statement in read_python(path, self.root).body:
            match statement:
                case ast.ImportFrom(module=source, names=[ast.alias(name="*")], level=level):
                    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
                    parts = package[: len(package) - (level - 1)] if level else []
                    name = ".".join([*parts, *filter(None, (source,))])
                    other = self._path(name)
                    if other is not None and depth:
                        self._read(name, other, depth - 1)
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        self._assign(target, value, path)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    self._assign(target, value, path)
                case ast.If() | ast.Try() | ast.With() if self._mentions_databases(statement):
                    raise Unreadable(
                        f"{shown(path, self.root)}:{statement.lineno} decides on DATABASES while it runs",
                        shown(path, self.root),
                    )

    def _assign(self, target: ast.expr, value: ast.expr, path: Path) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = value, path
        elif any(isinstance(node, ast.Name) and node.id == "DATABASES" for node in ast.walk(target)):
            raise Unreadable(f"{shown(path, self.root)}:{target.lineno} changes DATABASES", shown(path, self.root))

    @staticmethod
    def _mentions_databases(statement: ast.stmt) -> bool:
        return any(isinstance(node, ast.Name) and node.id == "DATABASES" for node in ast.walk(statement))

    def value(self, node: ast.expr, file: Path) -> object:
        """The value of an expression. Raises ``Unreadable``."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Dict(keys=keys, values=values):
                return {
                    self.value(key, file): self._lenient(value, file)
                    for key, value in zip(keys, values, strict=True)
                    if key is not None
                }
            case ast.Name(id="__file__"):
                return file
            case ast.Name(id=name) if name in self.names:
                return self.value(*self.names[name])
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return Path(str(self.value(left, file))) / str(self.value(right, file))
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return f"{self.value(left, file)}{self.value(right, file)}"
            case ast.Attribute(value=inner, attr="parent"):
                return Path(str(self.value(inner, file))).parent
            case ast.Subscript(value=ast.Attribute(value=inner, attr="parents"), slice=ast.Constant(value=int(number))):
                return Path(str(self.value(inner, file))).parents[number]
        variable = variable_read(node)
        if variable is not None:
            return Variable(variable, self._default(node, file))
        if isinstance(node, ast.Call):
            return self._called(node, file)
        raise self._unreadable(node, file)

    def _lenient(self, node: ast.expr, file: Path) -> object:
        """A value of a dictionary; one that is not needed (OPTIONS) need not be readable."""
        try:
            return self.value(node, file)
        except Unreadable as unreadable:
            return unreadable

    def _default(self, node: ast.expr, file: Path) -> object:
        if not isinstance(node, ast.Call):
            return None
        defaults = [*node.args[1:2], *(keyword.value for keyword in node.keywords if keyword.arg == "default")]
        return self.value(defaults[0], file) if defaults else None

    def _called(self, node: ast.Call, file: Path) -> object:
        """The result of a function that is known: paths, and variables of the environment."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        owner = (
            node.func.value.id if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) else ""
        )
        if name in ("Path", "str", "dirname", "abspath", "realpath", "join") and node.args and owner != "env":
            parts = [str(self.value(argument, file)) for argument in node.args]
            return str(Path(parts[0]).parent) if name == "dirname" else str(Path(*parts)) if name != "str" else parts[0]
        if name in ("resolve", "absolute") and isinstance(node.func, ast.Attribute):
            return Path(str(self.value(node.func.value, file)))
        if owner in ("env", "dj_database_url") and name in _URL_READERS:
            return self._whole_url(node, file, name)
        if name in _READERS and node.args and isinstance(argument := node.args[0], ast.Constant):
            return Variable(str(argument.value), self._default(node, file))
        raise self._unreadable(node, file)

    def _whole_url(self, node: ast.Call, file: Path, name: str) -> object:
        """``env.db("X")`` and ``dj_database_url.config(env="X")``; ``dj_database_url.parse`` takes the URL itself."""
        if name == "parse" and node.args:
            value = self.value(node.args[0], file)
            return value if isinstance(value, Variable) else Variable("", value)
        named = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg in ("env", "var"))]
        default = next((keyword.value for keyword in node.keywords if keyword.arg == "default"), None)
        variable = str(self.value(named[0], file)) if named else "DATABASE_URL"
        return Variable(variable, self.value(default, file) if default is not None else None)

    def _unreadable(self, node: ast.expr, file: Path) -> Unreadable:
        place = shown(file, self.root)
        return Unreadable(f"{place}:{node.lineno} would have to be executed", place)
