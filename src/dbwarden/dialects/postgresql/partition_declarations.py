"""Partitions that models declare."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from dbwarden.core.model import Partition
from dbwarden.core.options import Options
from dbwarden.core.types import Expression, Ref
from dbwarden.dialects.base.names import literal
from dbwarden.errors import ModelReadError

_INFO, _MEMBERS = "dbwarden", "members"
"""Keys of the declarations of a table in its ``info``."""


def declared_partitions(table: Any, ref: Ref, sqlalchemy: Any) -> tuple[Partition, ...]:
    """Partitions of a table and of its partitions, each behind its parent. Raises ``ModelReadError``."""
    declarations = [item for item in table.info.get(_INFO, {}).get(_MEMBERS, ()) if hasattr(item, "remainder")]
    if not declarations:
        return ()
    if not table.dialect_options["postgresql"].get("partition_by"):
        reason = f"its table {ref.name} is not partitioned"
        raise _mistake(declarations[0], reason, "Give the table postgresql_partition_by='RANGE (...)', LIST or HASH.")
    partitions = tuple(part for item in declarations for part in _tree(item, ref, sqlalchemy))
    names = [item.ref for item in partitions]
    for item, name in zip(partitions, names, strict=True):
        if names.count(name) > 1:
            raise ModelReadError(where=str(item.ref), reason=f"{ref} has two of that name", hint="Remove one of them.")
    return partitions


def _tree(item: Any, parent: Ref, sqlalchemy: Any) -> Iterator[Partition]:
    schema = item.schema if item.schema is not None else parent.schema
    parameters = (f"{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in
                  (item.with_ or {}).items())  # fmt: skip
    options = Options.of(
        {
            "partition_by": item.partition_by,
            "with": ", ".join(parameters) or None,
            "tablespace": item.tablespace,
            "using": item.using,
        }
    )
    bounds = Expression(_bounds(item, sqlalchemy))
    partition = Partition(item.name, parent, bounds, schema, options, item.comment, declared=True)
    yield partition
    if item.partitions and not item.partition_by:
        raise _mistake(
            item, "it has partitions and no partition_by", "Say how it is divided: partition_by='LIST (kind)'."
        )
    for part in item.partitions:
        yield from _tree(part, partition.ref, sqlalchemy)


def _bounds(item: Any, sqlalchemy: Any) -> str:
    forms = {
        "from_ and to": item.from_ is not None or item.to is not None,
        "values": item.values is not None,
        "modulus and remainder": item.modulus is not None or item.remainder is not None,
        "default": item.default,
        "bounds": item.bounds is not None,
    }
    present = [form for form, is_present in forms.items() if is_present]
    if len(present) != 1:
        reason = f"it has {' and '.join(present)}" if present else "it has no bounds"
        raise _mistake(item, reason, f"Give it one of these: {', '.join(forms)}.")
    match present[0]:
        case "default":
            return "DEFAULT"
        case "bounds":
            return str(item.bounds).strip()
        case "values":
            return f"FOR VALUES IN ({_list(tuple(item.values), sqlalchemy)})"
        case "modulus and remainder":
            if item.modulus is None or item.remainder is None:
                raise _mistake(item, "it has one of modulus and remainder", "Give it both.")
            return f"FOR VALUES WITH (modulus {int(item.modulus)}, remainder {int(item.remainder)})"
    if item.from_ is None or item.to is None:
        raise _mistake(
            item, "it has one of from_ and to", "Give it both; MINVALUE and MAXVALUE are bounds without an end."
        )
    return f"FOR VALUES FROM ({_list(item.from_, sqlalchemy)}) TO ({_list(item.to, sqlalchemy)})"


def _list(values: Any, sqlalchemy: Any) -> str:
    return ", ".join(_value(value, sqlalchemy) for value in (values if isinstance(values, tuple) else (values,)))


def _value(value: Any, sqlalchemy: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return str(value)
        case datetime():
            return literal(value.isoformat(" "))
        case str() | date() | time() | timedelta() | UUID():
            return literal(str(value))
    if hasattr(value, "compile"):
        return str(value.compile(dialect=sqlalchemy, compile_kwargs={"literal_binds": True}))
    return literal(str(getattr(value, "value", value)))


def _mistake(item: Any, reason: str, hint: str) -> ModelReadError:
    return ModelReadError(where=f"partition {item.name}", reason=reason, hint=hint)
