"""Changes that ALTER cannot make need a new table; what a view reads is neither dropped nor renamed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.change import Rename
from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.model import Definition, Object, Schema, Table
from dbwarden.core.plan import Pair, pair, plan
from dbwarden.core.types import Expression, Ref
from dbwarden.errors import Unsupported
from dbwarden.runtime.connection import DatabaseConnection

EVENTS = Ref("table", "events")
TABLES = (
    """CREATE TABLE events (id UInt64, kind String, at DateTime) ENGINE = ReplacingMergeTree(at)
       PARTITION BY toYYYYMM(at) ORDER BY (id, kind)""",
    "CREATE TABLE totals (kind String, n UInt64) ENGINE = SummingMergeTree ORDER BY kind",
)
VIEWS = (
    "CREATE VIEW recent AS SELECT id, kind FROM events WHERE at > now() - 60",
    "CREATE MATERIALIZED VIEW counted TO totals AS SELECT kind, count() AS n FROM events GROUP BY kind",
    "CREATE MATERIALIZED VIEW own ENGINE = SummingMergeTree ORDER BY kind AS SELECT kind, count() AS n FROM events GROUP BY kind",
    """CREATE DICTIONARY names (kind String, n UInt64) PRIMARY KEY kind SOURCE(CLICKHOUSE(TABLE 'totals'))
       LAYOUT(COMPLEX_KEY_HASHED()) LIFETIME(0)""",
)


@pytest.fixture
def conn(clickhouse_url: str) -> Iterator[DatabaseConnection]:
    connection = connect(clickhouse_url)
    for sql in TABLES:
        connection.execute(sql)
    yield connection
    connection.close()


@pytest.fixture
def dialect(conn: DatabaseConnection) -> Dialect:
    dialect = dialects.get("clickhouse")
    return dialect.for_server(dialect.server_of(conn))


def with_options(schema: Schema, **options: str | None) -> Schema:
    table = schema.table(EVENTS)
    return schema.put(replace(table, options=table.options.with_(**options)))


def with_type(schema: Schema, column: str, text: str, dialect: Dialect) -> Schema:
    table = schema.table(EVENTS)
    return schema.put(table.with_column(replace(table.columns[column], type=dialect.parse_type(text))))


@pytest.mark.parametrize(
    "options",
    [
        {"engine": None},
        {"partition_by": "toDate(at)"},
        {"partition_by": None},
        {"order_by": "(kind, id)"},
        {"order_by": "(id, kind, at)"},
        {"order_by": "id"},
        {"primary_key": "id"},
    ],
)
def test_what_is_fixed_needs_a_new_table(
    options: dict[str, str | None], conn: DatabaseConnection, dialect: Dialect
) -> None:
    current = dialect.inspect(conn, Scope())
    steps = plan(Pair(current, dialect.canonical(with_options(current, **options))), dialect)
    for statements in (steps.upgrade(), steps.rollback()):
        assert [sql.rpartition("\n")[2] for sql in statements if "EXCHANGE TABLES" in sql] == [
            "EXCHANGE TABLES events AND dbwarden_new_events"
        ]


def test_columns_of_keys(conn: DatabaseConnection, dialect: Dialect) -> None:
    """Another type needs a new table; a column that a key still names is neither dropped nor renamed."""
    current = dialect.inspect(conn, Scope())
    table = current.table(EVENTS)
    retyped = plan(Pair(current, with_type(current, "id", "Int64", dialect)), dialect)
    assert any("EXCHANGE TABLES" in sql for sql in retyped.upgrade())
    with pytest.raises(Unsupported, match="part of ORDER BY"):
        plan(Pair(current, current.put(table.without_column("kind"))), dialect)
    rename = Rename(Ref("column", "kind", None, "events"), Ref("column", "sort", None, "events"))
    with pytest.raises(Unsupported, match="part of ORDER BY"):
        plan(pair(current, rename.apply(current), renames=(rename,)), dialect)


@pytest.fixture
def current(conn: DatabaseConnection, dialect: Dialect) -> Schema:
    for sql in VIEWS:
        conn.execute(sql)
    return dialect.inspect(conn, Scope())


def needs(schema: Schema, kind: str, name: str) -> set[str]:
    item = schema.get(Ref(kind, name))
    assert isinstance(item, Definition)
    return {ref.name for ref in item.needs if ref.table is None}


def test_what_views_read(current: Schema) -> None:
    assert not [item.ref.name for item in current.objects() if item.ref.name.startswith(".inner")]
    assert needs(current, "view", "recent") == {"events"}
    assert needs(current, "materialized_view", "counted") == {"events", "totals"}
    assert needs(current, "dictionary", "names") == {"totals"}


def test_views_are_made_again_in_order(current: Schema, conn: DatabaseConnection, dialect: Dialect) -> None:
    everything = plan(Pair(Schema(), current), dialect)
    for sql in everything.rollback():
        conn.execute(sql)
    assert conn.query("SELECT name FROM system.tables WHERE database = currentDatabase()") == []
    for sql in everything.upgrade():
        conn.execute(sql)
    assert plan(Pair(dialect.inspect(conn, Scope()), current), dialect).upgrade() == ()


def test_a_query_is_modified_in_place(current: Schema, conn: DatabaseConnection, dialect: Dialect) -> None:
    conn.execute("INSERT INTO events VALUES (1, 'a', now()), (5, 'b', now())")
    ref = Ref("materialized_view", "counted")
    view = current.get(ref)
    assert isinstance(view, Definition)
    text, key = (part.replace("GROUP BY", "WHERE id > 3 GROUP BY") for part in (view.sql.text, view.sql.key))
    desired = current.put(replace(view, sql=Expression(text, key)))
    change = plan(Pair(current, desired), dialect)
    assert change.upgrade() == (
        "ALTER TABLE counted MODIFY QUERY SELECT kind, count() AS n FROM events WHERE id > 3 GROUP BY kind",
    )
    conn.execute(*change.upgrade())
    conn.execute("INSERT INTO events VALUES (2, 'a', now()), (7, 'b', now())")
    assert conn.query("SELECT kind, sum(n) FROM totals GROUP BY kind ORDER BY kind") == [("a", 1), ("b", 2)]
    assert plan(Pair(dialect.inspect(conn, Scope()), desired), dialect).upgrade() == ()
    conn.execute(*change.rollback())
    assert plan(Pair(dialect.inspect(conn, Scope()), current), dialect).upgrade() == ()


@pytest.mark.parametrize("name", ["events", "totals"])
def test_a_table_that_a_view_reads_stays(name: str, current: Schema, dialect: Dialect) -> None:
    ref = Ref("table", name)
    with pytest.raises(Unsupported, match="counted"):
        plan(pair(current, current.without(ref), [ref]), dialect)
    rename = Rename(ref, ref._replace(name="other"))
    with pytest.raises(Unsupported, match="counted"):
        plan(pair(current, rename.apply(current), renames=(rename,)), dialect)


def test_a_column_that_a_view_reads_stays(current: Schema, dialect: Dialect) -> None:
    totals = current.table(Ref("table", "totals"))
    with pytest.raises(Unsupported, match="counted"):
        plan(Pair(current, current.put(totals.without_column("n"))), dialect)


def test_passwords_are_neither_read_nor_written(conn: DatabaseConnection, dialect: Dialect) -> None:
    conn.execute("CREATE TABLE far (a Int32) ENGINE = PostgreSQL('localhost:5432', 'db', 't', 'someone', 'geheim')")
    conn.execute(
        "CREATE DICTIONARY d (kind String, n UInt64) PRIMARY KEY kind LIFETIME(0) LAYOUT(COMPLEX_KEY_HASHED())"
        " SOURCE(CLICKHOUSE(TABLE 'totals' USER 'default' PASSWORD 'geheim'))"
    )
    schema = dialect.inspect(conn, Scope())
    assert "geheim" not in "".join(map(repr, schema.objects()))
    for kind, name in (("table", "far"), ("dictionary", "d")):
        with pytest.raises(Unsupported, match="password"):
            item = schema.get(Ref(kind, name))
            assert isinstance(item, Object)
            plan(Pair(Schema(), Schema((item,))), dialect)


def test_only_frames_of_tables_are_compared(current: Schema) -> None:
    table = current.table(EVENTS)
    assert isinstance(table, Table) and table.options.get("engine") == "ReplacingMergeTree(at)"
