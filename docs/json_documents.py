"""JSON schemas of the documents that commands print with ``--json``, derived from the reports that they print.

``python docs/check.py --write`` writes them to ``docs/reference/schemas``, one file for each command.
"""

from __future__ import annotations

import ast
import inspect
import json
import pkgutil
import re
import textwrap
import types
import typing
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path, PurePath
from typing import Any

SCHEMAS = Path(__file__).parent / "reference" / "schemas"
DRAFT = "https://json-schema.org/draft/2020-12/schema"

REPORTS: dict[str, tuple[str, ...]] = {
    "check": ("CheckReport", "ProveReport", "RulePage"),
    "check-db": ("CheckDbReport",),
    "check-impact": ("ImpactReport",),
    "comment": ("CommentReport",),
    "config": ("ConfigurationReport",),
    "database list": ("DatabaseSummary",),
    "diagram": ("DiagramReport",),
    "diff": ("DiffReport", "FleetReport"),
    "doctor": ("DoctorReport",),
    "downgrade": ("RollbackReport",),
    "explain": ("ExplainReport",),
    "export-models": ("ExportReport",),
    "generate-models": ("GenerateReport",),
    "history": ("HistoryReport",),
    "init": ("InitReport", "AdoptReport"),
    "lock-status": ("LockReport",),
    "make-migrations": ("GenerationReport",),
    "make-rollback": ("MakeRollbackReport",),
    "merge-state": ("MergeStateReport",),
    "migrate": ("MigrateReport", "FleetReport"),
    "new": ("NewReport",),
    "renumber": ("RenumberReport",),
    "report": ("HtmlReport",),
    "restore": ("RestoreReport",),
    "rollback": ("RollbackReport", "FleetReport"),
    "seed apply": ("SeedReport",),
    "seed create": ("SeedCreateReport",),
    "seed export": ("SeedExportReport",),
    "seed list": ("SeedListReport",),
    "seed rollback": ("SeedRollbackReport",),
    "settings show": ("SettingsReport",),
    "snapshot": ("SnapshotReport",),
    "status": ("StatusReport", "FleetReport"),
    "unlock": ("UnlockReport", "FleetReport"),
    "version": ("VersionReport",),
}
"""Reports of each command. With several databases, they stand in the list ``databases``."""

TEXT = {"type": "string"}
FIXED: dict[str, dict[str, Any]] = {
    "RulePage": {
        "type": "object",
        "description": "The page of a rule (`--explain`).",
        "properties": {"rule": TEXT, "documentation": {**TEXT, "description": "Markdown."}},
        "required": ["rule", "documentation"],
    },
    "Problem": {
        "type": "object",
        "description": "An error.",
        "properties": {
            "code": {**TEXT, "description": "Class of the error; see the list of errors."},
            "message": TEXT,
            "hint": {"type": ["string", "null"], "description": "What to do next."},
            "exit_code": {"type": "integer"},
            "notes": {"type": "array", "items": TEXT},
        },
        "required": ["code", "message", "hint", "exit_code"],
    },
}


def schema(command: str) -> dict[str, Any]:
    """The schema of what a command prints with ``--json``."""
    definitions = Definitions()
    reports = [definitions.of_name(name) for name in REPORTS[command]]
    finished = {
        "type": "array",
        "items": definitions.of_name("FileRun"),
        "description": "Files finished before the error.",
    }
    failed = {"error": definitions.of_name("Problem"), "migrations": finished}
    shapes = [*reports, object_of(failed, ["error"], "The command failed.")]
    if not any("databases" in definitions.definitions[name]["properties"] for name in REPORTS[command]):
        of_database = {"database": {**TEXT, "description": "The database, or with `--per-node` the host."}, **failed}
        several = [*reports, object_of(of_database, ["database", "error"], "A database for which the command failed.")]
        databases = {"databases": {"type": "array", "items": {"anyOf": several}}}
        shapes.insert(-1, object_of(databases, ["databases"], "Several databases (`--all`)."))
    return {
        "$schema": DRAFT,
        "title": f"dbwarden {command} --json",
        "anyOf": shapes,
        "$defs": dict(sorted(definitions.definitions.items())),
    }


def object_of(properties: dict[str, Any], required: list[str], description: str) -> dict[str, Any]:
    return {"type": "object", "description": description, "properties": properties, "required": required}


class Definitions:
    """The classes that a schema refers to."""

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}

    def of_name(self, name: str) -> dict[str, Any]:
        if name in FIXED:
            self.definitions[name] = FIXED[name]
            return {"$ref": f"#/$defs/{name}"}
        return self.of_class(classes()[name])

    def of_class(self, cls: type) -> dict[str, Any]:
        """A reference to the definition of a dataclass; classes derived from it count as well."""
        name = cls.__name__
        if name not in self.definitions:
            self.definitions[name] = {}  # a class may refer to itself
            self.definitions[name] = self.of_fields(cls)
        return {"$ref": f"#/$defs/{name}"}

    def of_fields(self, cls: type) -> dict[str, Any]:
        hints = typing.get_type_hints(cls, globalns=vars(inspect.getmodule(cls)), localns=names())
        documentation = documentation_of_fields(cls)
        properties = {}
        for field in fields(cls):
            if not field.metadata.get("json", True):
                continue
            name = field.name.rstrip("_")
            shape = self.of_type(hints[field.name])
            properties[name] = {**shape, **({"description": text} if (text := documentation.get(field.name)) else {})}
        about = " ".join((inspect.getdoc(cls) or "").split("\n\n")[0].split())
        return {
            "type": "object",
            **({"description": plain(about)} if about else {}),
            "properties": properties,
            "required": list(properties),
        }

    def of_type(self, hint: Any) -> dict[str, Any]:
        """The schema of what ``to_json`` makes of a value of this type."""
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if hint in SIMPLE:
            return dict(SIMPLE[hint])
        if origin in (typing.Union, types.UnionType):
            return any_of([self.of_type(part) for part in arguments])
        if origin is typing.Literal:
            return {"enum": list(arguments)}
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of_type(arguments[1])}
        if origin is tuple and arguments[1:] != (Ellipsis,):
            return {
                "type": "array",
                "prefixItems": [self.of_type(part) for part in arguments],
                "minItems": len(arguments),
                "items": False,
            }
        if isinstance(origin, type) and issubclass(origin, Collection):
            return {"type": "array", "items": self.of_type(arguments[0])}
        if isinstance(hint, type) and issubclass(hint, tuple):
            hints = typing.get_type_hints(hint, localns=names())
            return self.of_type(tuple[tuple(hints[name] for name in hint._fields)])  # type: ignore[attr-defined]
        if isinstance(hint, type) and issubclass(hint, Enum):
            return {"enum": [member.value for member in hint]}
        if isinstance(hint, type) and issubclass(hint, PurePath):
            return dict(TEXT)
        if isinstance(hint, type) and is_dataclass(hint):
            return self.of_class(hint)
        raise TypeError(f"no schema for {hint!r}")


SIMPLE: dict[Any, dict[str, Any]] = {
    str: TEXT,
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    Any: {},
    object: {},
}


def any_of(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """One of several; simple types are joined."""
    if all(set(part) == {"type"} and isinstance(part["type"], str) for part in parts):
        return {"type": [part["type"] for part in parts]}
    return {"anyOf": parts}


@cache
def modules() -> tuple[types.ModuleType, ...]:
    import dbwarden

    def walk() -> Iterator[types.ModuleType]:
        for module in pkgutil.walk_packages(dbwarden.__path__, "dbwarden."):
            if module.name.split(".")[1] in ("api", "core", "checks", "impact", "runtime"):
                yield import_module(module.name)

    return tuple(walk())


@cache
def classes() -> dict[str, type]:
    """The dataclasses of the package by their names, of which none stands for two."""
    return {
        value.__name__: value
        for module in modules()
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__
    }


@cache
def names() -> dict[str, Any]:
    """What annotations may name that is imported for type checkers only."""
    return {**classes(), "Path": Path, "datetime": datetime, "Mapping": Mapping, "Any": Any}


def documentation_of_fields(cls: type) -> dict[str, str]:
    """The string behind each field of a class and of those that it derives from."""
    texts: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if not is_dataclass(base):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        assert isinstance(body, ast.ClassDef)
        for field, text in zip(body.body, body.body[1:], strict=False):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(value))):
                    texts[name] = plain(" ".join(value.split()))
    return texts


def plain(text: str) -> str:
    """Documentation of code with the quotes of Markdown."""
    return re.sub(r"``([^`]+)``", r"`\1`", text)


def file_of(command: str) -> Path:
    return SCHEMAS / f"{command.replace(' ', '-')}.json"


def texts() -> dict[Path, str]:
    """The files with all schemas."""
    return {file_of(command): json.dumps(schema(command), indent=2, ensure_ascii=False) + "\n" for command in REPORTS}


def strict(part: Any) -> Any:
    """A schema that refuses fields which it does not describe. Programs must expect new ones; the tests must not."""
    if isinstance(part, list):
        return [strict(item) for item in part]
    if not isinstance(part, dict):
        return part
    changed = {key: strict(value) for key, value in part.items()}
    return {**changed, "additionalProperties": False} if "properties" in part and "$schema" not in part else changed
