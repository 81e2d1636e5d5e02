"""Hypothesis strategies for schemas as values (no SQL, no engine)."""

from __future__ import annotations

from hypothesis import strategies as st

from dbwarden.core.model import (
    Check,
    Column,
    Enum,
    ForeignKey,
    Index,
    IndexElement,
    Namespace,
    Object,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from dbwarden.core.types import DataType, Expression, Ref

NAMES = ("a", "b", "c", "d", "e")
TYPES = (DataType("integer"), DataType("text"), DataType("varchar", ("20",)))


@st.composite
def columns(draw: st.DrawFn, name: str, enums: tuple[Enum, ...]) -> Column:
    types = [*TYPES, *(DataType(enum.name, ref=enum.ref) for enum in enums)]
    default = draw(st.sampled_from((None, Expression("0"), Expression("now()"))))
    return Column(name, draw(st.sampled_from(types)), draw(st.booleans()), default)


@st.composite
def members(draw: st.DrawFn, table: Ref, names: list[str]) -> list[Object]:
    some = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(tuple)
    objects: list[Object] = [PrimaryKey(table, f"pk_{table.name}", (names[0],))]
    if draw(st.booleans()):
        objects.append(Unique(table, f"uq_{table.name}", draw(some)))
    if draw(st.booleans()):
        objects.append(Index(table, f"ix_{table.name}", tuple(map(IndexElement, draw(some))), draw(st.booleans())))
    if draw(st.booleans()):
        column = draw(st.sampled_from(names))
        objects.append(Check(table, f"ck_{table.name}", Expression(f"{column} > 0"), (column,)))
    return objects


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    """Up to five tables with keys, checks, indexes, enums, a namespace, and foreign keys in any direction, cycles too."""
    enums = tuple(Enum(name, ("x", "y")) for name in draw(st.lists(st.sampled_from(("m", "n")), unique=True)))
    objects: list[Object] = list(enums)
    tables: list[tuple[Ref, tuple[str, ...]]] = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5)):
        schema = draw(st.sampled_from((None, None, "s")))
        names = ["id", *draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))]
        table = Table.of(name, [draw(columns(column, enums)) for column in names], schema=schema)
        tables.append((table.ref, tuple(names)))
        objects += [table, *draw(members(table.ref, names))]
    if any(ref.schema for ref, _ in tables):
        objects.append(Namespace("s"))
    for ref, names in tables:
        for target, _ in draw(st.lists(st.sampled_from(tables), max_size=2, unique=True)):
            column = draw(st.sampled_from(names))
            objects.append(ForeignKey(ref, f"fk_{ref.name}_{target.name}", (column,), target, ("id",)))
    return Schema(objects)
