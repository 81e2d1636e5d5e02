"""A guard stands until its successor does: a row that both refuse is refused between any two statements, both ways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import psycopg
import pytest
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    text,
)

from dbwarden.core.dialect import Connection, Prefs
from dbwarden.core.plan import plan
from dbwarden.core.statement import Facts
from tests.support.pipeline import compare, dialect_for, planned, run


def _n(name: str = "n", type_: Any = Integer, **options: Any) -> Column[Any]:
    return Column(name, type_, **options)


def _metadata(items: Sequence[Any], parents: Sequence[Any] = ()) -> MetaData:
    metadata = MetaData()
    Table("p", metadata, *(parents or (Column("id", Integer, primary_key=True, autoincrement=False),)))
    if not any(getattr(item, "name", None) == "id" for item in items):
        items = (Column("id", Integer, primary_key=True, autoincrement=False), *items)
    Table("t", metadata, *items)
    return metadata


def _key(*columns: str) -> tuple[Any, ...]:
    return (_n("id", nullable=False), _n(nullable=False), PrimaryKeyConstraint(*columns))


def _references(*columns: str, name: str | None = None, **options: Any) -> tuple[Any, ...]:
    key = ForeignKeyConstraint(columns, [f"p.{column}" for column in columns], name=name, **options)
    return (Column("id", Integer), Column("n", Integer, nullable=False), key)


def _parents(*key: str) -> tuple[Any, ...]:
    return (Column("id", Integer, nullable=False), Column("n", Integer, nullable=False), PrimaryKeyConstraint(*key))


ENUM = Enum("a", "b", "c", name="letters")
SMALLER = Enum("a", "b", name="letters")
TWICE = "INSERT INTO t (id, n) VALUES (9, 1)"
MISSING = "INSERT INTO t (id, n) VALUES (9, NULL)"
NEGATIVE = "INSERT INTO t (id, n) VALUES (9, -1)"
LETTER = "INSERT INTO t (id, n, e) VALUES (9, -1, 'b')"
ORPHAN = "INSERT INTO t (id, n) VALUES (9, 99)"
PARENT = "DELETE FROM p WHERE id = 1"

CASES: dict[str, tuple[Any, ...]] = {
    "unique constraint, unique index": (_metadata((_n(unique=True),)), _metadata((_n(unique=True, index=True),)), TWICE),
    "the same name": (
        _metadata((_n(), UniqueConstraint("n", name="u"))), _metadata((_n(), Index("u", "n", unique=True))), TWICE
    ),
    "over more columns": (
        _metadata((_n(), _n("m"), UniqueConstraint("n", name="u"))),
        _metadata((_n(), _n("m"), UniqueConstraint("n", "m", name="v"))),
        "INSERT INTO t (id, n, m) VALUES (9, 1, 1)",
    ),
    "a column that goes": (
        _metadata((_n(), _n("m"), UniqueConstraint("n", name="u"))),
        _metadata((_n(), Index("v", "n", unique=True))),
        TWICE,
    ),
    "of another type": (
        _metadata((_n(), UniqueConstraint("n", name="u"))),
        _metadata((_n(type_=BigInteger), Index("v", "n", unique=True))),
        TWICE,
    ),
    "an index of another type": (
        _metadata((_n(), Index("v", "n", unique=True))),
        _metadata((_n(type_=String(20)), UniqueConstraint("n", name="u"))),
        TWICE,
    ),
    "unique instead of the key": (
        _metadata(_key("n")), _metadata((*_key("id")[:2], PrimaryKeyConstraint("id"), UniqueConstraint("n"))), TWICE
    ),
    "a key of two columns": (_metadata(_key("n")), _metadata(_key("id", "n")), "INSERT INTO t (id, n) VALUES (1, 1)"),
    "a key over a new column": (
        _metadata(_key("n")),
        _metadata((_n("id"), _n(nullable=False), _n("k", server_default="0"), PrimaryKeyConstraint("n", "k"))),
        TWICE,
    ),
    "check": (
        _metadata((_n(), CheckConstraint("n > 0", name="c"))),
        _metadata((_n(), CheckConstraint("n > 0 AND n < 100", name="d"))),
        NEGATIVE,
    ),
    "check of the same name": (
        _metadata((_n(), CheckConstraint("n > 0", name="c"))), _metadata((_n(), CheckConstraint("n > -1", name="c"))), NEGATIVE
    ),
    "check instead of NOT NULL": (
        _metadata((_n(nullable=False),)), _metadata((_n(), CheckConstraint("n IS NOT NULL", name="c"))), MISSING
    ),
    "check instead of the key's NOT NULL": (
        _metadata(_key("n")),
        _metadata((_n("id"), _n(), CheckConstraint("n IS NOT NULL", name="c"), PrimaryKeyConstraint("id"))),
        MISSING,
    ),
    "check, and a value less": (
        _metadata((_n(), _n("e", ENUM), CheckConstraint("n > 0 OR e = 'a'", name="c"))),
        _metadata((_n(), _n("e", SMALLER), CheckConstraint("n > 0 AND (e = 'a' OR id > 0)", name="d"))),
        LETTER,
    ),
    "check, and a value more": (
        _metadata((_n(), _n("e", SMALLER), CheckConstraint("n > 0 OR e = 'a'", name="c"))),
        _metadata((_n(), _n("e", ENUM), CheckConstraint("n > 0 OR e = 'c'", name="d"))),
        LETTER,
    ),
    "foreign key": (
        _metadata(_references("id", name="f")), _metadata(_references("id", name="g", ondelete="RESTRICT")),
        "INSERT INTO t (id, n) VALUES (99, 9)",
    ),
    "foreign key of the same name": (
        _metadata(_references("id", name="f")), _metadata(_references("id", name="f", ondelete="RESTRICT")), PARENT
    ),
    "foreign key to a key of two columns": (
        _metadata(_references("id"), _parents("id")), _metadata(_references("id", "n"), _parents("id", "n")), PARENT
    ),
    "foreign key to a key with a new column": (
        _metadata((Column("n", Integer, ForeignKey("p.id")),)),
        _metadata(
            (Column("n", Integer), Column("k", Integer, server_default="0"), ForeignKeyConstraint(["n", "k"], ["p.id", "p.k"])),
            (Column("id", Integer), Column("k", Integer, server_default="0"), PrimaryKeyConstraint("id", "k")),
        ),
        ORPHAN,
    ),
    "foreign key whose key becomes unique only": (
        _metadata(_references("id"), _parents("id")),
        _metadata(_references("id"), (*_parents("n")[:2], PrimaryKeyConstraint("n"), UniqueConstraint("id"))),
        PARENT,
    ),
    "foreign key, both ends of another type": (
        _metadata((Column("n", Integer, ForeignKey("p.id")),)),
        _metadata((Column("n", String(9), ForeignKey("p.id")),), (Column("id", String(9), primary_key=True),)),
        ORPHAN,
    ),
}  # fmt: skip


def _fill(url: str, metadata: MetaData) -> None:
    with psycopg.connect(url, autocommit=True) as other:
        for name in ("p", "t"):
            columns = [column.name for column in metadata.tables[name].columns if column.name != "e"]
            other.execute(
                f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join('1' for _ in columns)})".encode()
            )


def _refused(url: str, violation: str, behind: str) -> None:
    with psycopg.connect(url) as other:
        try:
            other.execute(violation.encode())
        except psycopg.IntegrityError:
            return
        finally:
            other.rollback()
    raise AssertionError(f"{violation} went through behind\n{behind}")


def _blocks(statements: Sequence[str], facts: Sequence[Facts]) -> Iterator[list[str]]:
    """As ``migrate`` runs them: statements in a row that may share a transaction do."""
    pairs = list(zip(statements, facts, strict=True))
    for transactional, group in groupby(pairs, key=lambda pair: pair[1].transactional):
        texts = [sql for sql, _ in group]
        yield from [texts] if transactional else [[sql] for sql in texts]


def _run(conn: Connection, statements: Sequence[str], url: str, violation: str) -> int:
    """Returns the number of places at which the violation was tried."""
    places = 0
    for block in _blocks(statements, dialect_for(conn, "postgresql").analyze_file(statements)):
        if len(block) == 1:
            conn.execute(block[0])
        else:
            with conn.transaction():
                for sql in block:
                    conn.execute(sql)
        _refused(url, violation, "\n".join(block))
        places += 1
    return places


@pytest.mark.parametrize("name", CASES)
def test_a_row_that_both_refuse_is_refused_all_the_way(name: str, conn: Connection, postgresql_url: str) -> None:
    before, after, violation = CASES[name]
    dialect = dialect_for(conn, "postgresql")
    run(conn, dialect, planned(conn, dialect, before).upgrade())
    _fill(postgresql_url, before)
    _refused(postgresql_url, violation, "the former schema")
    change = plan(compare(conn, dialect, after), dialect, Prefs(online=True))
    places = _run(conn, change.upgrade(), postgresql_url, violation)
    assert not planned(conn, dialect, after)
    places += _run(conn, change.rollback(), postgresql_url, violation)
    assert not planned(conn, dialect, before)
    assert places > 1


NOT_NULL = CheckConstraint("n IS NOT NULL", name="c")
ADDED = ["ALTER TABLE t ADD", "ALTER TABLE t VALIDATE"]


@pytest.mark.parametrize(
    ("before", "after", "heads"),
    [
        ((_n(unique=True),), (_n(unique=True, index=True),), ["CREATE UNIQUE INDEX CONC", "ALTER TABLE t DROP"]),
        ((_n(nullable=False),), (_n(), NOT_NULL), [*ADDED, "ALTER TABLE t ALTER COLUMN n DROP NOT NULL"]),
        (
            (_n(), CheckConstraint("n > 0", name="c")),
            (_n(), CheckConstraint("n > 1", name="d")),
            [*ADDED, "ALTER TABLE t DROP"],
        ),
    ],
)
def test_the_old_one_goes_last(
    before: tuple[Any, ...], after: tuple[Any, ...], heads: list[str], conn: Connection
) -> None:
    """Also inside a transaction: who takes the file apart, or stops it half way, is left with a guard."""
    dialect = dialect_for(conn, "postgresql")
    run(conn, dialect, planned(conn, dialect, _metadata(before)).upgrade())
    statements = plan(compare(conn, dialect, _metadata(after)), dialect, Prefs(online=True)).upgrade()
    assert [sql[: len(head)] for sql, head in zip(statements, heads, strict=True)] == heads


def test_what_is_built_on_its_own_is_not_held_up(conn: Connection) -> None:
    """A predicate over the enum that loses a value: the index is built on the new type."""
    dialect = dialect_for(conn, "postgresql")
    where = {"postgresql_where": text("e = 'a'")}
    run(conn, dialect, planned(conn, dialect, _metadata((_n("e", ENUM), Index("ix", "e", **where)))).upgrade())
    after = _metadata((_n("e", SMALLER), Index("ix", "e", "id", **where)))
    statements = plan(compare(conn, dialect, after), dialect, Prefs(online=True)).upgrade()
    assert statements[0] == "DROP INDEX CONCURRENTLY ix"
    assert statements[-1] == "CREATE INDEX CONCURRENTLY ix ON t (e, id) WHERE e = 'a'"
