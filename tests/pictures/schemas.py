"""Schemas to draw: a large one, and one whose names would break out of every format."""

from __future__ import annotations

import random

from dbwarden.core.model import (
    Check,
    Column,
    Enum,
    ForeignKey,
    Index,
    IndexElement,
    Object,
    PrimaryKey,
    Schema,
    Table,
)
from dbwarden.core.types import DataType, Expression, Ref

BIGINT = DataType("bigint")
WORDS = (
    "order user item price stock event audit ledger invoice payment address region carrier parcel review tag".split()
)


def large(count: int, seed: int = 1) -> Schema:
    """So many tables, a few of which many others refer to."""
    chance = random.Random(seed)
    names = [f"{chance.choice(WORDS)}_{chance.choice(WORDS)}_{number}" for number in range(count)]
    objects: list[Object] = []
    for number, name in enumerate(names):
        ref = Ref("table", name)
        columns = [Column("id", BIGINT, False)]
        columns += [
            Column(f"{chance.choice(WORDS)}_{place}", DataType("text")) for place in range(chance.randint(1, 14))
        ]
        wanted = {
            chance.randrange(min(number, 5)) if chance.random() < 0.4 else chance.randrange(max(0, number - 20), number)
            for _ in range(chance.choice([0, 1, 1, 2, 2, 3]) if number else 0)
        }
        for other in sorted(wanted):
            column = f"{names[other]}_id"
            columns.append(Column(column, BIGINT, chance.random() < 0.5))
            objects.append(ForeignKey(ref, None, (column,), Ref("table", names[other]), ("id",)))
        objects += [Table.of(name, columns), PrimaryKey(ref, None, ("id",))]
    return Schema(objects)


HOSTILE_NAMES = [
    "<script>alert(1)</script>",
    'a"b',
    "it's",
    "back\\slash",
    "per%cent",
    "new\nline",
    "日本語 表",
    "order",
    "class",
    "only",
    "}{",
    "--x",
    "`tick`",
    "x" * 90,
    "tab\there",
    "\u202etxt.exe",
    "has space",
    "has.space",
    "&amp;",
    "]]>",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "#hash",
    "\x00\x07bell",
]
COMMENT = '</svg></style></script><script>alert(2)</script> it\'s "quoted" \\ % \n and goes on'


def hostile() -> Schema:
    """Tables that are called, commented and defaulted so that careless text would run."""
    objects: list[Object] = [Enum("mo'od\"", ("a'b", 'c"d', "<b>"))]
    for number, name in enumerate(HOSTILE_NAMES):
        ref = Ref("table", name, "we ird" if number == 3 else None)
        columns = [
            Column("id", BIGINT, False, comment=COMMENT),
            Column(name, DataType("numeric", ("10", "2")), default=Expression("'a`b'''")),
            Column("1st", DataType("timestamp", ("3",), modifiers="with time zone")),
        ]
        objects += [
            Table.of(name, columns, schema=ref.schema, comment=COMMENT),
            PrimaryKey(ref, None, ("id",) if number % 2 else ("id", name)),
            Index(ref, f"{name}_ix", (IndexElement(name, descending=True),), unique=True),
            Check(ref, "chk", Expression("id > 0 and 'x' <> '`'"), ("id",)),
        ]
        if number:
            before = Ref("table", HOSTILE_NAMES[number - 1], "we ird" if number == 4 else None)
            objects.append(ForeignKey(ref, f"fk'{name}", (name,), before, ("id",), on_delete="cascade"))
    return Schema([*objects, Table.of("empty", [])])
