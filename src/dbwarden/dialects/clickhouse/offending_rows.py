"""Values that a new type does not take, on ClickHouse: nothing else is demanded of rows that are there already.

A changed type is a mutation, which stops at the first value that it cannot convert, and stays.
"""

from __future__ import annotations

from dataclasses import dataclass

from dbwarden.core.model import Column, Schema, Table
from dbwarden.core.row_demands import RowDemand
from dbwarden.core.type_table import NUMBERS, Family
from dbwarden.core.types import DataType, Ref
from dbwarden.dialects.base.offending_rows import RowQueries, whole_bounds

from . import type_changes, types
from .words import quote, string_literal


@dataclass(frozen=True)
class ClickHouseRows(RowQueries):
    """Queries for ClickHouse."""

    def key_columns(self, table: Ref, schema: Schema) -> tuple[str, ...]:
        """Columns of the sorting key, which is the nearest to a key."""
        item = schema.get(table)
        if not isinstance(item, Table):
            return ()
        listed = item.options.get("order_by", "") or ""
        names = (name.strip().strip("`") for name in listed.strip("()").split(","))
        return tuple(name for name in names if name in item.columns)

    def misfit(self, demand: RowDemand, column: Column, schema: Schema) -> str | None:
        name, old = quote(column.name), _plain(column.type)
        declared = types.declared_type(demand.type)
        new = _plain(declared.datatype)
        if old == new or declared.nullable:  # what cannot be converted becomes NULL
            return None
        families = types.TYPES.row(old).family, types.TYPES.row(new).family
        if new.name in ("Enum8", "Enum16"):
            return _no_label(name, new) if families[0] is Family.TEXT or "Enum" in old.name else None
        if families[1] is Family.WHOLE:
            return _whole(name, families[0], new.name)
        if (families[0] is Family.TEXT and families[1] is not Family.TEXT) or new.name == "FixedString":
            cast = f"accurateCastOrNull({name}, {string_literal(types.type_text(new))})"
            return f"isNotNull({name}) AND isNull({cast})"
        if families[0] in NUMBERS and families[1] in NUMBERS:
            return None if families[1] is Family.FLOAT else self._decimal(name, old, new)
        raise self.unjudged(f"which values of {old} are refused by {new} is not known")

    def _decimal(self, name: str, old: DataType, new: DataType) -> str:
        if types.TYPES.row(old).family is Family.FLOAT:
            raise self.unjudged(f"which values of {old} are refused by {new} is not known")
        return f"isNotNull({name}) AND isNull(accurateCastOrNull({name}, {string_literal(types.type_text(new))}))"


def _no_label(name: str, new: DataType) -> str:
    """Texts that are neither a label of an Enum nor a label's number."""
    labels = type_changes.labels(new)
    return f"toString({name}) NOT IN ({', '.join((*labels, *(string_literal(number) for number in labels.values())))})"


def _whole(name: str, family: Family, new: str) -> str | None:
    """Values that become no whole number. Beyond its bounds a text or a whole number is cut off without an error."""
    unsigned = new.startswith("U")
    if family is Family.TEXT:
        return f"isNotNull({name}) AND isNull(to{'U' if unsigned else ''}Int256OrNull(toString({name})))"
    if family is not Family.DECIMAL:
        return None
    low, high = whole_bounds(int(new.lstrip("UInt")) // 8, unsigned=unsigned)
    return f"truncate({name}) < {low} OR truncate({name}) > {high}"


def _plain(datatype: DataType) -> DataType:
    """The type inside LowCardinality and Nullable, which are ways to store it."""
    wrapped = datatype.name in ("LowCardinality", "Nullable") and datatype.args
    return _plain(types.parse(datatype.args[0])) if wrapped else datatype
