"""Source of the partitions of a table: ``Partition(...)`` among its arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbwarden.core.declared_object import Value
from dbwarden.core.model import Table
from dbwarden.core.types import Ref

from .code import Argument, Code, Enclosed, call, quoted
from .declarations import code_of

_CONSTANT = r"(?:'(?:[^']|'')*'|-?\d+)"
_RANGE = re.compile(rf"FOR VALUES FROM \(({_CONSTANT})\) TO \(({_CONSTANT})\)")
_LIST = re.compile(rf"FOR VALUES IN \(({_CONSTANT}(?:, {_CONSTANT})*)\)")
_HASH = re.compile(r"FOR VALUES WITH \(modulus (\d+), remainder (\d+)\)", re.IGNORECASE)


def partition_arguments(table: Table, constructor: str) -> Iterator[Code]:
    """A declaration for each partition of a table, with those of its own inside."""
    return _of(table.ref, table, constructor)


def _of(parent: Ref, table: Table, constructor: str) -> Iterator[Code]:
    for partition in table.partitions:
        if partition.of == parent:
            inner = tuple(Argument("", code) for code in _of(partition.ref, table, constructor))
            options = dict(partition.options)
            named: dict[str, Value] = {
                **_bounds(partition.bounds.text),
                "partition_by": options.get("partition_by"),
                "schema": partition.schema if partition.schema != table.schema else None,
                "tablespace": options.get("tablespace"),
                "using": options.get("using"),
                "with_": _parameters(options.get("with")),
                "comment": partition.comment,
            }
            arguments = {key: code_of(value) for key, value in named.items() if value is not None}
            partitions = Enclosed("(", inner) if inner else None
            yield call(constructor, quoted(partition.name), **arguments, partitions=partitions)


def _bounds(text: str) -> dict[str, Value]:
    """Bounds as arguments: constants of Python where they are such."""
    if text == "DEFAULT":
        return {"default": True}
    if match := _RANGE.fullmatch(text):
        return {"from_": _constant(match[1]), "to": _constant(match[2])}
    if match := _LIST.fullmatch(text):
        return {"values": tuple(map(_constant, re.findall(_CONSTANT, match[1])))}
    if match := _HASH.fullmatch(text):
        return {"modulus": int(match[1]), "remainder": int(match[2])}
    return {"bounds": text}


def _constant(sql: str) -> Value:
    return sql[1:-1].replace("''", "'") if sql.startswith("'") else int(sql)


def _parameters(text: str | None) -> dict[str, Value] | None:
    pairs = (pair.partition("=") for pair in text.split(", ")) if text else ()
    return {name: value for name, _, value in pairs} or None
