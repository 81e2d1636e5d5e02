"""Uses in declarations: models, ``Table``, foreign keys, relationships, enumerations."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping

from .mapped_classes import MappedClass
from .python_uses import PythonUses
from .syntax import Place, keyword, last_name, snake, start_of, text_of
from .types import Model, Type
from .usage import Confidence


def model(file: PythonUses, cls: MappedClass) -> None:
    """A model that still has the table or column."""
    heirs = (heir.table for heir in list(file.search.catalogue.classes.values()) if heir.table and cls in heir.lineage)
    owners = [cls.table] if cls.table else list(heirs)
    confidence = Confidence.CERTAIN if cls.table else Confidence.LIKELY
    for column, place in cls.places.items():
        for key in owners:
            where = place.lineno, place.col_offset
            file.column(key, column, where, f"{cls.name} declares the column", confidence)
    if cls.table:
        file.table(cls.table, (cls.node.lineno, cls.node.col_offset + 6), f"{cls.name} is mapped to the table")


def call(file: PythonUses, node: ast.Call, owner: Type | None) -> None:
    """A call that may be a declaration; ``owner`` is the class around it."""
    declares = _CALLS.get(last_name(node.func))
    if declares is not None:
        declares(file, node, owner)


def _key_of_model(file: PythonUses, node: ast.Call, owner: Type | None) -> None:
    """``Index("ix_phone", "phone")`` in a mapped class."""
    for argument in node.args if isinstance(owner, Model) else ():
        file.member(owner, text_of(argument) or "", start_of(argument), f"{last_name(node.func)} of {{}}")


def _table(file: PythonUses, node: ast.Call, owner: Type | None) -> None:
    key = file.search.catalogue.table_of(file.path, node)
    if key is None:
        return
    file.table(key, start_of(node.args[0]), "declares the Table")
    for part in node.args:
        kind = last_name(part.func) if isinstance(part, ast.Call) else ""
        if isinstance(part, ast.Call) and kind in ("Column", "Index", "UniqueConstraint"):
            for argument in part.args[: 1 if kind == "Column" else None]:
                file.column(key, text_of(argument) or "", start_of(argument), f"{kind} of the Table {key[1]}")


def _foreign_key(file: PythonUses, node: ast.Call, owner: Type | None) -> None:
    """``users.phone``, or ``app.users.phone`` with its schema."""
    for constant in ast.walk(node):
        text = text_of(constant) if isinstance(constant, ast.Constant) else None
        parts = (text or "").split(".")
        if isinstance(constant, ast.Constant) and text and len(parts) in (2, 3):
            key = (parts[0] if len(parts) == 3 else None), parts[-2]
            line, start = start_of(constant)
            file.column(key, parts[-1], (line, start + len(text) - len(parts[-1])), "foreign key to the column")
            file.table(key, (line, start), "foreign key to the table")


def _relationship(file: PythonUses, node: ast.Call, owner: Type | None) -> None:
    """``primaryjoin="User.phone == ..."``: names of classes and attributes in a string."""
    for constant in ast.walk(node):
        text = text_of(constant) if isinstance(constant, ast.Constant) else None
        if not isinstance(constant, ast.Constant) or text is None:
            continue
        line, start = start_of(constant)
        for match in re.finditer(r"(\w+)\.(?:c\.)?(\w+)", text):
            if cls := file.search.catalogue.named(match[1], file.path):
                file.member(Model(cls), match[2], (line, start + match.start(2)), "text of a relationship on {}")
        if cls := file.search.catalogue.named(text, file.path):
            file.table_of(cls, (line, start))


def _enum(file: PythonUses, node: ast.Call, owner: Type | None) -> None:
    """``Enum("active", "archived", name="status")``."""
    name = text_of(keyword(node, "name"))
    for subject in file.search.impact.subjects:
        if subject.ref.kind == "enum" and subject.ref.name == name:
            file.add((node.lineno, node.col_offset), subject, Confidence.CERTAIN, "declares the enumeration")
    for argument in node.args:
        for subject in file.search.impact.values(text_of(argument)):
            if subject.ref.table == name or isinstance(owner, Model):
                file.add(start_of(argument), subject, Confidence.CERTAIN, "declares the value")


_CALLS: Mapping[str, Callable[[PythonUses, ast.Call, Type | None], None]] = {
    "Table": _table,
    "Index": _key_of_model,
    "UniqueConstraint": _key_of_model,
    "ForeignKey": _foreign_key,
    "ForeignKeyConstraint": _foreign_key,
    "relationship": _relationship,
    "Enum": _enum,
}


def enumeration(file: PythonUses, node: ast.ClassDef) -> None:
    """``class Status(enum.Enum)``: its members."""
    if any("Enum" in last_name(base) for base in node.bases):
        for statement in node.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)]):
                    enum_member(file, node, name, (statement.lineno, statement.col_offset))


def enum_member(file: PythonUses, enum: ast.ClassDef, name: str, place: Place) -> None:
    """``Status.ARCHIVED`` of the enumeration whose type in the database is ``status``."""
    texts = {
        text_of(statement.value)
        for statement in enum.body
        if isinstance(statement, ast.Assign) and last_name(statement.targets[0]) == name
    }
    words = snake(enum.name)
    for subject in file.search.impact.subjects if texts else ():
        of = (subject.ref.table or "").rpartition(".")[2].lower()
        named = of in (enum.name.lower(), words, words.rpartition("_")[2])
        if subject.ref.kind == "value" and subject.ref.name in {name, *texts} and named:
            file.add(place, subject, Confidence.CERTAIN, f"member of {enum.name}")
