"""Casts that the server adds to constants when it prints an expression, and that nobody has to write."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dbwarden.core.type_table import NUMBERS, Family
from dbwarden.core.types import DataType

from . import types

Node = tuple[object, ...]
Columns = Mapping[str, DataType]
_WHOLE = types.TYPES.names(Family.WHOLE)
_NUMBERS = types.TYPES.names(*NUMBERS)
_ATOMS = {"string", "number", "word", "array", "escape"}
_TEXTS = {"text", "varchar", "bpchar"}
_TRUE, _FALSE = {"t", "true", "y", "yes", "on", "1"}, {"f", "false", "n", "no", "off", "0"}
_ARRAYS = {"text[]": "string", "varchar[]": "string", "numeric[]": "number", "bigint[]": "number"}


def cast(node: Node, datatype: DataType, columns: Columns) -> Node:
    """Cast of a node; the node itself if the server prints no cast for it."""
    name = _type_key(datatype)
    if node[0] == "string":
        if name in _TEXTS:
            return node
        number = str(node[1])[1:-1]
        if name == "integer" and re.fullmatch(r"-?\d+", number):
            return ("number", number)
        if name == "numeric" and re.fullmatch(r"-?\d+\.\d+", number):
            return ("number", number)
    if name == "text" and node[0] == "name":
        column = columns.get(str(node[1]).strip('"'))
        if column is not None and column.name in ("varchar", "text") and not column.array and column.ref is None:
            return node
    return ("cast", node, name)


def _type_key(datatype: DataType) -> str:
    name = str(datatype)
    return "bit" if name == '"bit"' else name


def is_plain_array(node: Node) -> bool:
    """Whether a cast array contains only literals, so that the cast follows from the other operand."""
    inner, kind = node[1], _ARRAYS.get(str(node[2]))
    if not isinstance(inner, tuple) or kind is None:
        return False
    items = [item for item in inner[1:] if isinstance(item, tuple)]
    return all(item[0] == kind and (kind == "string" or str(item[1]).lstrip("-").isdigit()) for item in items)


def comparison_operand(node: Node, other: Node, columns: Columns) -> Node:
    """Operand of a comparison, without a cast that follows from the type of the other operand."""
    if node[0] != "cast" or not isinstance(node[1], tuple):
        return node
    inner, name = node[1], node[2]
    column = columns.get(str(other[1]).strip('"')) if other[0] == "name" else None
    whole = inner[0] == "number" and re.fullmatch(r"-?\d+", str(inner[1]))
    if whole and name in ("numeric", "double precision", "bigint"):
        return inner
    if column is None:
        return node
    own = _own_name(column)
    if inner[0] == "string" and name == own:
        return inner
    if inner[0] == "number" and name == own and name in ("double precision", "numeric"):
        return inner
    return node


def _own_name(datatype: DataType) -> str:
    """Name of a type without its length, as the server prints it in the cast of a literal."""
    if datatype.ref is not None:
        text = f"{datatype.ref.schema}.{datatype.ref.name}" if datatype.ref.schema else datatype.ref.name
        text = text if re.fullmatch(r"[a-z_][a-z0-9_$.]*", text) else f'"{datatype.ref.name}"'
    else:
        text = {"char": "bpchar"}.get(datatype.name, datatype.name)
        text = f"{text} {datatype.modifiers}" if datatype.modifiers else text
    return text + "[]" * datatype.array


def without_assignment_cast(node: Node, target: DataType) -> Node:
    """A default without the cast to its column's type."""
    own = _own_name(target)
    bare = own.removesuffix("[]") if target.array else own
    if node[0] == "cast" and isinstance(node[1], tuple) and node[1][0] in _ATOMS:
        inner, name = node[1], str(node[2])
        bits = name == "bit" and bare in ("bit", "bit varying")
        if name in (own, str(target)) or bits or inner == ("word", "null"):
            node = inner
    if node[0] == "string" and not target.array:
        text = str(node[1])[1:-1].strip()
        if target.name == "boolean" and text.lower() in _TRUE | _FALSE:
            return ("word", "true" if text.lower() in _TRUE else "false")
        if target.name in _WHOLE and re.fullmatch(r"-?\d+", text):
            return ("number", text)
        if target.name in _NUMBERS and re.fullmatch(r"-?\d+(\.\d+)?", text):
            return ("number", text)
    return node
