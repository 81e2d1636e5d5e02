"""Pairs of schemas, before -> after, on SQLite and PostgreSQL: the target is reached, rows survive, rollback comes back exactly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from dbwarden.api.connection import connect
from dbwarden.core.dialect import Connection, Prefs
from dbwarden.core.plan import plan
from tests.support.effort import examples
from tests.support.pipeline import compare, dialect_for, inspected, planned, run
from tests.support.torn import torn

NUMBERS = (sa.Integer(), sa.BigInteger(), sa.Numeric(10, 2))
STRINGS = (sa.String(20), sa.String(40), sa.Text())
COLUMNS: dict[str, tuple[Any, ...]] = {"n": NUMBERS, "m": NUMBERS, "s": STRINGS, "Select": STRINGS}
DEFAULTS = {"n": "2", "m": "7", "s": "it's", "Select": ""}
TABLES = ("t1", "t2", "Order")


@st.composite
def table(draw: st.DrawFn, metadata: sa.MetaData, name: str, others: list[str]) -> sa.Table:
    items: list[Any] = [sa.Column("id", sa.Integer, primary_key=True)]
    for column in draw(
        st.permutations(sorted(COLUMNS)).flatmap(lambda names: st.sampled_from([names[:k] for k in range(5)]))
    ):
        default = draw(st.sampled_from((None, DEFAULTS[column])))
        nullable = default is None or draw(st.booleans())
        index = draw(st.sampled_from((None, None, True)))
        type_ = draw(st.sampled_from(COLUMNS[column]))
        items.append(sa.Column(column, type_, server_default=default, nullable=nullable, index=index))
    names = [item.name for item in items]
    if names[1:] and draw(st.booleans()):
        # with the key in it, so that rows which a new column's default makes alike do not violate it
        columns = ["id", *draw(st.lists(st.sampled_from(names[1:]), min_size=1, max_size=2, unique=True))]
        items.append(sa.UniqueConstraint(*columns, name=draw(st.sampled_from((None, f"uq_{name}")))))
    if "n" in names and draw(st.booleans()):
        text = draw(st.sampled_from(("n > 0", "n >= 0 AND n < 1000", "n IN (1, 2, 3)")))
        items.append(sa.CheckConstraint(text, name=draw(st.sampled_from((None, f"ck_{name}")))))
    if draw(st.booleans()):
        action = draw(st.sampled_from((None, "CASCADE", "SET NULL")))
        target = draw(st.sampled_from(others))
        items.append(
            sa.Column(f"to_{target}", sa.Integer, sa.ForeignKey(f"{target}.id", ondelete=action, name=f"fk_{name}"))
        )
    if "s" in names and draw(st.booleans()):
        where = sa.text("s IS NOT NULL")
        items.append(sa.Index(f"ix_{name}", sa.text("lower(s)"), sqlite_where=where, postgresql_where=where))
    return sa.Table(name, metadata, *items)


@st.composite
def metadatas(draw: st.DrawFn) -> sa.MetaData:
    metadata = sa.MetaData()
    names = draw(st.lists(st.sampled_from(TABLES), min_size=1, unique=True))
    for name in names:
        draw(table(metadata, name, names))
    return metadata


@pytest.fixture
def conn(database_url: str, tmp_path: Path) -> Iterator[Connection]:
    connection = connect(database_url)
    yield connection
    connection.close()


def empty(conn: Connection, name: str) -> None:
    if name == "postgresql":
        conn.execute("DROP SCHEMA public CASCADE")
        conn.execute("CREATE SCHEMA public")
        return
    conn.execute("PRAGMA foreign_keys = OFF")
    for (table_name,) in conn.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
        conn.execute(f'DROP TABLE "{table_name}"')


def insert(conn: Connection, metadata: sa.MetaData, common: set[str], mark: str) -> None:
    """Two rows a table; a foreign key is set only where its target has rows before and after."""
    for name in sorted(metadata.tables):
        for row in (1, 2):
            values = {}
            for column in metadata.tables[name].columns:
                target = column.name.removeprefix("to_")
                if column.name.startswith("to_"):
                    values[column.name] = "NULL"
                    if target in common and name in common and target <= name:
                        values[column.name] = str(row)
                else:
                    values[column.name] = str(row) if column.name in ("id", "n", "m") else f"'{column.name} {row}'"
            names = ", ".join(f"{mark}{column}{mark}" for column in values)
            conn.execute(f"INSERT INTO {mark}{name}{mark} ({names}) VALUES ({', '.join(values.values())})")


def rows(conn: Connection, before: sa.MetaData, after: sa.MetaData, mark: str) -> dict[str, list[tuple[str, ...]]]:
    rows_by_table = {}
    for name in sorted(set(before.tables) & set(after.tables)):
        columns = [column.name for column in before.tables[name].columns if column.name in after.tables[name].columns]
        listed = ", ".join(f"{mark}{column}{mark}" for column in columns)
        rows_by_table[name] = sorted(
            tuple(_text(value) for value in row) for row in conn.query(f"SELECT {listed} FROM {mark}{name}{mark}")
        )
    return rows_by_table


def _text(value: object) -> str:
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


SLOW_FIXTURE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
@settings(max_examples=examples(50), suppress_health_check=SLOW_FIXTURE)
@given(before=metadatas(), after=metadatas())
def test_pairs(conn: Connection, database_url: str, before: sa.MetaData, after: sa.MetaData) -> None:
    name = database_url.partition(":")[0]
    empty(conn, name)
    dialect = dialect_for(conn, name)
    run(conn, dialect, planned(conn, dialect, before).upgrade())
    assert not planned(conn, dialect, before)
    mark = dialect.lexical_rules.identifier_quotes[0]
    insert(conn, before, set(before.tables) & set(after.tables), mark)
    former, former_rows = inspected(conn, dialect), rows(conn, before, after, mark)

    change = planned(conn, dialect, after)
    note("\n".join(change.upgrade()) + "\n-- rollback\n" + "\n".join(change.rollback()))
    if not change:
        return
    run(conn, dialect, change.upgrade())
    assert not planned(conn, dialect, after)
    assert rows(conn, before, after, mark) == former_rows

    assert not change.irreversible()
    run(conn, dialect, change.rollback())
    assert inspected(conn, dialect) == former
    assert rows(conn, before, after, mark) == former_rows

    online = plan(compare(conn, dialect, after), dialect, Prefs(online=True))
    note("\n".join(online.upgrade()) + "\n-- online rollback\n" + "\n".join(online.rollback()))
    if dialect.features.transactional_ddl:
        assert torn(online.upgrade(), dialect) == torn(online.rollback(), dialect) == []
    if name != "postgresql":
        run(conn, dialect, online.upgrade())
        assert not planned(conn, dialect, after)
        return
    for sql in online.upgrade():
        conn.execute(sql)
    assert not planned(conn, dialect, after)
    for sql in online.rollback():
        conn.execute(sql)
    assert inspected(conn, dialect) == former
    assert rows(conn, before, after, mark) == former_rows
