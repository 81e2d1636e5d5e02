"""Hypothesis strategies for models with what only MySQL and MariaDB have, and rows that their tables take before and after.

A column's name decides its types, so that the same values fit whatever it becomes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql as my

Type = Callable[[], Any]
NOW = "CURRENT_TIMESTAMP"


@dataclass(frozen=True)
class Family:
    """The types that a column may have."""

    types: Sequence[Type]
    values: Sequence[str]
    """SQL of the values in two rows."""
    default: str | None = None
    """Of the types that have a literal default."""
    indexed: bool = True


WHOLE = (sa.Integer, sa.SmallInteger, partial(my.INTEGER, unsigned=True), partial(my.BIGINT, unsigned=True))
NUMBERS = (*WHOLE, partial(my.INTEGER, 6, zerofill=True), partial(sa.Numeric, 10, 2), my.DOUBLE, my.MEDIUMINT)
TEXTS = (
    partial(sa.String, 20),
    partial(sa.String, 300),
    partial(sa.CHAR, 20),
    partial(my.VARCHAR, 20, charset="latin1"),
    partial(my.VARCHAR, 40, charset="utf8mb4", collation="utf8mb4_bin"),
    sa.Text,
    my.MEDIUMTEXT,
)
LABELS = (
    partial(sa.Enum, "a", "b"),
    partial(sa.Enum, "b", "a", "it's"),
    partial(my.SET, "a", "b"),
    partial(sa.String, 9),
)
MOMENTS = (my.DATETIME, partial(my.DATETIME, fsp=3), my.TIMESTAMP, partial(my.TIMESTAMP, fsp=6))
BITS = (partial(my.BIT, 1), partial(my.BIT, 8))
FAMILIES = {
    "Select": Family(TEXTS, ("'Select 1'", "'Select 2'"), "it's"),
    "n": Family(NUMBERS, ("1", "2"), "2"),
    "s": Family(TEXTS, ("'s 1'", "'s 2'"), "it's"),
    "label": Family(LABELS, ("'a'", "'b'"), "a"),
    "at": Family(MOMENTS, ("'2024-01-02 03:04:05'", "'2024-02-03 04:05:06'")),
    "y": Family((my.YEAR, sa.SmallInteger), ("2001", "2002"), "2003"),
    "bits": Family(BITS, ("b'1'", "b'0'")),
    "document": Family((sa.JSON, my.LONGTEXT), ("""'{"a": 1}'""", """'{"a": 2}'"""), indexed=False),
}
OF_MARIADB = {
    "address": Family((my.INET6, partial(sa.String, 39)), ("'2001:db8::1'", "'2001:db8::2'")),
    "token": Family(
        (sa.UUID, partial(sa.CHAR, 36)),
        ("'0000000a-0000-4000-8000-000000000001'", "'0000000a-0000-4000-8000-000000000002'"),
    ),
}
TABLES = ("t1", "t2", "Order")
APART = "parts"
"""The table that may be partitioned: no foreign key leads to it or from it."""
CHECKS = {"n": ("n > 0", "n >= 0 AND n < 1000", "n IN (1, 2, 3)"), "s": ("s <> ''", "char_length(s) < 100")}
COMPUTED = ("n + 1", "n * 2", "abs(n)")
LARGE = (sa.Text, my.MEDIUMTEXT)
PARTITIONS = (
    None,
    "HASH (id) PARTITIONS 2",
    "HASH (id) PARTITIONS 3",
    "KEY (id) PARTITIONS 2",
    "RANGE (id) (PARTITION p0 VALUES LESS THAN (10))",
    "RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))",
    "RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION rest VALUES LESS THAN MAXVALUE)",
    "LIST (id) (PARTITION p0 VALUES IN (1, 2, 3), PARTITION p1 VALUES IN (4))",
    "RANGE (id) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (10))",
)


def families(flavour: str) -> dict[str, Family]:
    """The columns of a flavour's models."""
    return {**FAMILIES, **OF_MARIADB} if flavour == "mariadb" else FAMILIES


def both(**keywords: Any) -> dict[str, Any]:
    """Keywords for both dialects; none for ``None``."""
    specified = {key: value for key, value in keywords.items() if value is not None}
    return {f"{prefix}_{key}": value for key, value in specified.items() for prefix in ("mysql", "mariadb")}


@st.composite
def metadatas(draw: st.DrawFn, flavour: str) -> sa.MetaData:
    """One to four tables."""
    metadata = sa.MetaData()
    names = draw(st.lists(st.sampled_from((*TABLES, APART)), min_size=1, unique=True))
    for name in names:
        draw(_tables(metadata, name, [other for other in names if other != APART], flavour))
    return metadata


@st.composite
def _tables(draw: st.DrawFn, metadata: sa.MetaData, name: str, others: list[str], flavour: str) -> sa.Table:
    known = families(flavour)
    names = draw(st.lists(st.sampled_from(sorted(known)), max_size=5, unique=True))
    key = sa.Column("id", sa.Integer, primary_key=True, autoincrement=draw(st.sampled_from(("auto", "auto", False))))
    columns = {"id": key, **{one: draw(_columns(one, known[one])) for one in names}}
    if "n" in columns and draw(st.booleans()):
        columns["computed"] = draw(_computed())
    items: list[Any] = list(columns.values())
    texts = [one for one in CHECKS if one in columns and draw(st.booleans())]
    for one in texts:
        text = draw(st.sampled_from(CHECKS[one]))
        # always a name or always none: one that is there serves, whatever its name
        items.append(sa.CheckConstraint(text, name=f"ck_{name}" if one == "n" else None))
    if name != APART and others and draw(st.booleans()):
        items += draw(_references(name, others))
    table = sa.Table(name, metadata, *items, **draw(_options(name)))
    draw(_indexes(table, known, flavour))
    return table


@st.composite
def _columns(draw: st.DrawFn, name: str, family: Family) -> sa.Column[Any]:
    make = draw(st.sampled_from(family.types))
    default: Any = draw(st.sampled_from((None, family.default)))
    if name == "at":
        now = f"{NOW}({make.keywords['fsp']})" if isinstance(make, partial) else NOW
        default = draw(st.sampled_from((None, now, f"{now} ON UPDATE {now}")))
        default = default and sa.text(default)
    if make in LARGE or make in (my.LONGTEXT, sa.JSON):
        default = None
    nullable = default is None or draw(st.booleans())
    comment = draw(st.sampled_from((None, None, "it's")))
    return sa.Column(name, make(), server_default=default, nullable=nullable, comment=comment)


@st.composite
def _computed(draw: st.DrawFn) -> sa.Column[Any]:
    kinds = (None, *(sa.Computed(text, persisted=stored) for text in COMPUTED for stored in (True, False)))
    kind = draw(st.sampled_from(kinds))
    return sa.Column("computed", sa.Integer, *([kind] if kind is not None else []))


@st.composite
def _references(draw: st.DrawFn, name: str, others: list[str]) -> list[Any]:
    target = draw(st.sampled_from(others))
    actions = {"ondelete": draw(st.sampled_from((None, "CASCADE", "SET NULL")))}
    column = sa.Column(f"to_{target}", sa.Integer, index=draw(st.sampled_from((None, True))))
    key_name = None if name == "t2" else f"fk_{name}"
    return [column, sa.ForeignKeyConstraint([column.name], [f"{target}.id"], name=key_name, **actions)]


@st.composite
def _options(draw: st.DrawFn, name: str) -> dict[str, Any]:
    charset, collate = draw(
        st.sampled_from(((None, None), (None, None), ("latin1", None), ("utf8mb4", "utf8mb4_bin"), ("utf8mb3", None)))
    )
    keywords = both(
        charset=charset,
        collate=collate,
        row_format=draw(st.sampled_from((None, None, "COMPACT"))),
        stats_persistent=draw(st.sampled_from((None, None, "1"))),
        auto_increment=draw(st.sampled_from((None, None, "100"))),
        partition_by=draw(st.sampled_from(PARTITIONS)) if name == APART else None,
    )
    return {"comment": draw(st.sampled_from((None, None, "it's"))), **keywords}


@st.composite
def _indexes(draw: st.DrawFn, table: sa.Table, known: dict[str, Family], flavour: str) -> None:
    columns = [
        column for column in table.columns if column.name == "computed" or known.get(column.name, _NO_KEY).indexed
    ]
    for number in range(draw(st.integers(0, 2)) if columns else 0):
        some = draw(st.lists(st.sampled_from(columns), min_size=1, max_size=2, unique=True))
        unique = draw(st.sampled_from((False, False, True)))
        # with the key in it, so that rows which a new column's default makes alike do not violate it
        some = [table.c.id, *some] if unique else some
        lengths = draw(_lengths(some))  # with which SQLAlchemy takes no direction
        keys: list[Any] = [sa.desc(column) if not lengths and draw(st.booleans()) else column for column in some]
        sa.Index(f"ix_{table.name}_{number}", *keys, unique=unique, **both(length=lengths))
    # Not for every second one: the server keeps six tables for each.
    if "s" in table.columns and table.name != APART and draw(st.integers(0, 3)) == 3:
        sa.Index(f"ft_{table.name}", table.c.s, **both(prefix="FULLTEXT"))
    if "s" in table.columns and flavour == "mysql" and draw(st.booleans()):
        sa.Index(f"fx_{table.name}", sa.text(draw(st.sampled_from(("(lower(s))", "(char_length(s))")))), _table=table)


_NO_KEY = Family((), (), indexed=False)


@st.composite
def _lengths(draw: st.DrawFn, columns: list[sa.Column[Any]]) -> dict[str, int] | None:
    """Lengths of texts, which those without a limit need."""
    texts = [column for column in columns if column.name in ("s", "Select")]
    lengths = {column.name: 10 for column in texts if isinstance(column.type, sa.Text) or draw(st.booleans())}
    return lengths or None


# -- rows ---------------------------------------------------------------------------------------------------------


def inserts(before: sa.MetaData, after: sa.MetaData, flavour: str) -> Iterator[str]:
    """Two rows for each table; a foreign key is set where its table and its target stay, and the target has its rows."""
    stay = set(before.tables) & set(after.tables)
    known = families(flavour)
    for name in sorted(before.tables):
        for row in (1, 2):
            values = {column.name: _value(column, row, name, stay, known) for column in _plain(before.tables[name])}
            listed = ", ".join(f"`{column}`" for column in values)
            yield f"INSERT INTO `{name}` ({listed}) VALUES ({', '.join(values.values())})"


def _plain(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.columns if column.computed is None]


def _value(column: sa.Column[Any], row: int, table: str, stay: set[str], known: dict[str, Family]) -> str:
    if column.name in ("id", "computed"):
        return str(row)
    target = column.name.removeprefix("to_")
    if target != column.name:
        return str(row) if {target, table} <= stay and target <= table else "NULL"
    return known[column.name].values[row - 1]


def readable(before: sa.MetaData, after: sa.MetaData) -> dict[str, list[str]]:
    """The columns with data that both models have, by table."""
    return {
        name: [
            column.name
            for column in _plain(before.tables[name])
            if column.name in {other.name for other in _plain(after.tables[name])}
        ]
        for name in sorted(set(before.tables) & set(after.tables))
    }
