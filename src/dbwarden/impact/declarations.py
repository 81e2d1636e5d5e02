"""Uses in declarations: models, ``Table``, foreign keys, relationships, enumerations."""

from __future__ import annotations

import ast
import re

from .mapped_classes import MappedClass, keyword, last_name, snake, text_of
from .python_file import Place, PythonFile, inside
from .scope import Class, Model
from .subject import Key
from .usage import Confidence

CALLS = frozenset("ForeignKey ForeignKeyConstraint Index UniqueConstraint Table Enum relationship".split())


def model(file: PythonFile, cls: MappedClass) -> None:
    """The model itself still has it."""
    catalogue = file.search.catalogue
    own = catalogue.classes.get((cls.path, cls.name), cls)
    owners = [own.table] if own.table else _heirs(file, own)
    sure = Confidence.CERTAIN if own.table else Confidence.LIKELY
    for column, place in own.places.items():
        for key in owners:
            file.column(key, column, (place.lineno, place.col_offset), f"{cls.name} declares the column", sure)
    if own.table:
        file.table(own.table, (cls.node.lineno, cls.node.col_offset + 6), f"{cls.name} is mapped to the table")


def _heirs(file: PythonFile, mixin: MappedClass) -> list[Key]:
    """The tables of the classes that inherit from a class without one."""
    catalogue = file.search.catalogue
    return [one.table for one in list(catalogue.classes.values()) if one.table and mixin in catalogue.line(one)]


def call(file: PythonFile, node: ast.Call, owner: MappedClass | None) -> None:
    """A call of one of ``CALLS``; ``owner`` is the mapped class around it."""
    name = last_name(node.func)
    if name == "Table":
        _table(file, node)
    elif name in ("Index", "UniqueConstraint") and owner is not None:
        for argument in node.args:
            file.member(Model(owner), text_of(argument) or "", inside(argument), f"{name} of {{}}")
    elif name == "Enum":
        _enum(file, node, owner is not None)
    elif name == "relationship":
        _relationship(file, node)
    elif name in ("ForeignKey", "ForeignKeyConstraint"):
        for constant in ast.walk(node):
            if isinstance(constant, ast.expr) and text_of(constant):
                _path(file, constant, text_of(constant) or "")


def _table(file: PythonFile, node: ast.Call) -> None:
    key = file.search.catalogue.table_of(file.path, node)
    if key is None:
        return
    file.table(key, inside(node.args[0]), "declares the Table")
    for part in node.args:
        if isinstance(part, ast.Call) and last_name(part.func) in ("Column", "Index", "UniqueConstraint"):
            for argument in part.args[: 1 if last_name(part.func) == "Column" else None]:
                why = f"{last_name(part.func)} of the Table {key[1]}"
                file.column(key, text_of(argument) or "", inside(argument), why)


def _path(file: PythonFile, node: ast.expr, text: str) -> None:
    """``users.phone`` of a foreign key, ``app.users.phone`` with its schema."""
    parts = text.split(".")
    if len(parts) not in (2, 3):
        return
    key = (parts[0] if len(parts) == 3 else None), parts[-2]
    line, start = inside(node)
    file.column(key, parts[-1], (line, start + len(text) - len(parts[-1])), "foreign key to the column")
    file.table(key, (line, start), "foreign key to the table")


def _relationship(file: PythonFile, node: ast.Call) -> None:
    """``primaryjoin="User.phone == ..."``: names of classes and attributes in a string."""
    catalogue = file.search.catalogue
    for constant in ast.walk(node):
        text = text_of(constant) if isinstance(constant, ast.expr) else None
        if text is None or not isinstance(constant, ast.expr):
            continue
        line, start = inside(constant)
        for match in re.finditer(r"(\w+)\.(?:c\.)?(\w+)", text):
            cls = catalogue.named(match[1], file.path)
            if cls is not None:
                file.member(Model(cls), match[2], (line, start + match.start(2)), "text of a relationship on {}")
        cls = catalogue.named(text, file.path)
        if cls is not None:
            file.table_of(cls, (line, start))


# -- enumerations --------------------------------------------------------------------------------------------------


def _enum(file: PythonFile, node: ast.Call, mapped: bool) -> None:
    """``Enum("active", "archived", name="status")``."""
    name = text_of(keyword(node, "name"))
    for subject in file.search.impact.subjects:
        if subject.ref.kind == "enum" and subject.ref.name == name:
            file.add((node.lineno, node.col_offset), subject, Confidence.CERTAIN, "declares the enumeration")
        for argument in node.args:
            known = subject.ref.table == name or mapped
            if subject.ref.kind == "value" and text_of(argument) == subject.ref.name and known:
                file.add(inside(argument), subject, Confidence.CERTAIN, "declares the value")


def enumeration(file: PythonFile, node: ast.ClassDef) -> None:
    """``class Status(enum.Enum)``: its members."""
    if any("Enum" in last_name(base) for base in node.bases):
        for statement in node.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)]):
                    enum_member(file, Class(file.path, node), name, (statement.lineno, statement.col_offset))


def enum_member(file: PythonFile, enum: Class, name: str, place: Place) -> None:
    """``Status.ARCHIVED`` of the enumeration whose type in the database is ``status``."""
    values = {
        statement.targets[0].id: text_of(statement.value)
        for statement in enum.node.body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }
    words = snake(enum.node.name)
    for subject in file.search.impact.subjects:
        of = (subject.ref.table or "").rpartition(".")[2].lower()
        named = of in (enum.node.name.lower(), words, words.rpartition("_")[2])
        if subject.ref.kind == "value" and name in values and subject.ref.name in (name, values[name]) and named:
            file.add(place, subject, Confidence.CERTAIN, f"member of {enum.node.name}")
