"""Objects that models declare beside their tables: functions, named collections, views of both libraries, secrets."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from dbwarden import CompareOptions, dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.model import Definition, Schema
from dbwarden.core.plan import Pair, plan
from dbwarden.core.types import Ref
from dbwarden.dialects.clickhouse.definition_keys import definition_key
from dbwarden.dialects.clickhouse.functions import SqlFunction, expanded
from dbwarden.errors import DatabaseError, Unsupported
from dbwarden.models.read import read
from dbwarden.objects import Dictionary, MaterializedView, NamedCollection, TableClauses
from tests.support.project import Project

HEAD = """
from clickhouse_connect.cc_sqlalchemy import engines, types as ch
from sqlalchemy import CheckConstraint, Column, MetaData, Table, text
from dbwarden.objects import Function, SkippingIndex, TableProjection, View

metadata = MetaData()
"""


@pytest.fixture
def name(clickhouse_url: str) -> Iterator[str]:
    """A name for what belongs to the server."""
    name = f"test_{secrets.token_hex(4)}"
    yield name
    with connect(clickhouse_url) as conn:
        conn.execute(f"DROP FUNCTION IF EXISTS {name}")
        conn.execute(f"DROP FUNCTION IF EXISTS {name}_inner")
        conn.execute(f"DROP NAMED COLLECTION IF EXISTS {name}")


@pytest.fixture
def dialect(clickhouse_url: str) -> Dialect:
    dialect = dialects.get("clickhouse")
    with connect(clickhouse_url) as conn:
        return dialect.for_server(dialect.server_of(conn))


@pytest.fixture
def keeper(clickhouse_url: str) -> None:
    with connect(clickhouse_url) as conn:
        try:
            conn.execute(
                "CREATE TABLE probe (a UInt8) ENGINE = ReplicatedMergeTree('/tests/{database}', 'r') ORDER BY a"
            )
        except DatabaseError as error:
            pytest.skip(f"the server has no Keeper, which replicated tables need: {error}")
        conn.execute("DROP TABLE probe SYNC")


def functions(url: str, name: str) -> list[str]:
    with connect(url) as conn:
        sql = "SELECT create_query FROM system.functions WHERE startsWith(name, :name) AND origin = 'SQLUserDefined' ORDER BY name"
        return [str(row[0]) for row in conn.query(sql, {"name": name})]


def with_function(name: str, body: str) -> str:
    return f"""{HEAD}
Function("{name}_inner", "AS x -> x + {body}", metadata=metadata)
Function("{name}", "AS (x, y) -> {name}_inner(x) * y", metadata=metadata)
Table("t", metadata, Column("id", ch.UInt64), Column("n", ch.UInt64, server_default=text("{name}(id + 1, 2)")),
    engines.MergeTree(order_by="id"), SkippingIndex("by_n", "{name}(id, n) % 7"),
    TableProjection("p", "SELECT {name}(id, 3), count() GROUP BY {name}(id, 3)"),
    CheckConstraint("{name}(id, 1) < 1000", name="few"))
View("v", "SELECT {name}(id, 2) AS n FROM t WHERE {name}(id, 1) - 1 > 3", metadata=metadata)
"""


def test_functions_are_created_replaced_and_dropped(clickhouse_url: str, name: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", clickhouse_url)
    project.models(f"{HEAD}\nTable('t', metadata, Column('id', ch.UInt64), engines.MergeTree(order_by='id'))")
    project.generate("table", proof=False)
    project.migrate()
    project.execute("INSERT INTO t SELECT number FROM numbers(10);")
    steps = [(project.dump(), functions(clickhouse_url, name))]
    for models in (with_function(name, "1"), with_function(name, "2"), HEAD + _PLAIN):
        project.models(models)
        report = project.generate(proof=False)
        assert not report.empty
        project.migrate()
        again = project.generate("again", proof=False)
        assert again.empty, again.text
        steps.append((project.dump(), functions(clickhouse_url, name)))
    assert len(steps[1][1]) == 2 and "x + 1" in steps[1][1][1] and "x + 2" in steps[2][1][1] and not steps[3][1]
    for before in reversed(steps[:-1]):
        project.rollback()
        assert (project.dump(), functions(clickhouse_url, name)) == before
    assert project.rows({"t": ["id"]})["t"] == sorted((str(number),) for number in range(10))


_PLAIN = """
Table("t", metadata, Column("id", ch.UInt64), Column("n", ch.UInt64, server_default=text("id")),
    engines.MergeTree(order_by="id"))
"""


def test_offline_a_second_diff_is_empty(clickhouse_url: str, name: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", clickhouse_url)
    project.models(with_function(name, "1"))
    options = CompareOptions(offline=True)
    assert not project.generate(options=options, proof=False).empty
    assert project.generate("again", options=options, proof=False).empty
    project.models(HEAD)
    text = project.generate("gone", options=options, proof=False).text
    assert f"DROP FUNCTION {name}" in text and "DROP VIEW v" in text


def test_functions_and_collections_of_others_are_left_alone(clickhouse_url: str, name: str, tmp_path: Path) -> None:
    with connect(clickhouse_url) as conn:
        conn.execute(f"CREATE FUNCTION {name} AS x -> x * 2")
        conn.execute(f"CREATE NAMED COLLECTION {name} AS url = 'http://localhost', secret_access_key = 'geheim'")
    project = Project(tmp_path / "project", clickhouse_url)
    project.reach(
        f"{HEAD}\nTable('t', metadata, Column('n', ch.UInt64, server_default=text('{name}(2)')), engines.Memory())"
    )
    assert project.generate("again", proof=False).empty
    project.models(f"""{HEAD}
Table('t', metadata, Column('n', ch.UInt64, server_default=text('{name}(2)')), engines.Memory())
Table('u', metadata, Column('id', ch.UInt64), engines.MergeTree(order_by='id'))""")
    report = project.generate("beside them")
    assert report.proof.proven, report.proof.text
    project.migrate()
    project.models(HEAD)
    text = project.generate("drop", proof=False).text
    assert "DROP TABLE t" in text and name not in text.partition("-- rollback")[0]


def declared(dialect: Dialect, *objects: type) -> Schema:
    metadata = sa.MetaData()
    for create in objects:
        create(metadata)  # type: ignore[call-arg]
    return dialect.canonical(read([metadata], dialect))


def test_named_collections_are_compared_by_their_keys(clickhouse_url: str, dialect: Dialect, name: str) -> None:
    with connect(clickhouse_url) as conn:
        conn.execute(f"CREATE NAMED COLLECTION {name} AS url = 'http://localhost', secret_access_key = 'geheim'")
        current = dialect.inspect(conn, Scope())
    item = current.get(Ref("named_collection", name))
    assert isinstance(item, Definition) and "geheim" not in repr(current) and "localhost" not in repr(current)
    keys = ("secret_access_key", "url")
    (same,) = declared(
        dialect,
        lambda metadata: NamedCollection(
            name,
            keys,
            metadata=metadata,
        ),
    ).objects()  # type: ignore[arg-type]
    assert same == item
    (more,) = declared(
        dialect,
        lambda metadata: NamedCollection(
            name,
            (*keys, "region"),
            metadata=metadata,
        ),
    ).objects()  # type: ignore[arg-type]
    with pytest.raises(Unsupported) as caught:
        plan(Pair(Schema((item,)), Schema((more,))), dialect)
    assert "by hand" in caught.value.hint and f"ALTER NAMED COLLECTION {name} SET region = '...'" in caught.value.hint


def test_passwords_reach_no_schema(dialect: Dialect) -> None:
    metadata = sa.MetaData()
    sa.Table(
        "pg", metadata, sa.Column("id", sa.Integer), TableClauses(engine="PostgreSQL('h:1', 'd', 't', 'u', 'geheim')")
    )
    sa.Table("web", metadata, sa.Column("id", sa.Integer), TableClauses(engine="URL('http://u:geheim@h/x', 'CSV')"))
    sa.Table(
        "k",
        metadata,
        sa.Column("id", sa.Integer),
        TableClauses(engine="Kafka", settings={"kafka_sasl_password": "geheim"}),
    )
    source = "MYSQL(HOST 'h' USER 'u' PASSWORD 'geheim' TABLE 't')"
    Dictionary(
        "d", "id UInt64, n String", metadata=metadata, primary_key="id", source=source, layout="FLAT", lifetime=5
    )
    schema = dialect.canonical(read([metadata], dialect))
    assert "geheim" not in repr(schema) and repr(schema).count("[HIDDEN]") >= 4
    for item in schema.objects():
        with pytest.raises(Unsupported, match="named collection"):
            plan(Pair(Schema(), Schema((item,))), dialect)


@pytest.mark.parametrize(
    ("engine", "arguments"),
    [("ReplicatedMergeTree", ""), ("ReplicatedReplacingMergeTree", ", n"), ("ReplicatedSummingMergeTree", ", (n)"),
     ("ReplicatedAggregatingMergeTree", ""), ("ReplicatedCollapsingMergeTree", ", sign"),
     ("ReplicatedVersionedCollapsingMergeTree", ", sign, n")],
)  # fmt: skip
def test_replicated_tables_come_and_go(
    engine: str, arguments: str, clickhouse_url: str, dialect: Dialect, keeper: None
) -> None:
    metadata = sa.MetaData()
    path = f"'/tests/{{database}}/{secrets.token_hex(4)}', '{{replica}}'"
    columns = (sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.SmallInteger, nullable=False))
    sign = sa.Column("sign", sa.SmallInteger, nullable=False, info={"dbwarden": {}})
    sa.Table("t", metadata, *columns, sign, TableClauses(engine=f"{engine}({path}{arguments})"))
    desired = dialect.canonical(read([metadata], dialect))
    if "Collapsing" in engine:
        desired = Schema(_with_int8(item, "sign") for item in desired.objects())
    with connect(clickhouse_url) as conn:
        created = plan(Pair(Schema(), desired), dialect)
        for _ in range(2):  # a drop that did not wait would leave the replica's path behind
            for sql in created.upgrade():
                conn.execute(sql)
            assert plan(Pair(dialect.inspect(conn, Scope()), desired), dialect).upgrade() == ()
            for sql in created.rollback():
                conn.execute(sql)


def _with_int8(item: object, name: str) -> object:
    from dataclasses import replace

    from dbwarden.core.model import Table
    from dbwarden.core.types import DataType

    if not isinstance(item, Table):
        return item
    return replace(item, columns={**item.columns, name: replace(item.columns[name], type=DataType("Int8"))})


def test_views_of_clickhouse_sqlalchemy(clickhouse_url: str, dialect: Dialect) -> None:
    reason = "clickhouse-sqlalchemy, which needs greenlet, is not installed"
    library = pytest.importorskip("clickhouse_sqlalchemy", reason=reason, exc_type=ImportError)
    engines = pytest.importorskip("clickhouse_sqlalchemy.engines", reason=reason, exc_type=ImportError)
    types = pytest.importorskip("clickhouse_sqlalchemy.types", reason=reason, exc_type=ImportError)
    base = library.get_declarative_base(metadata=sa.MetaData())

    def model(name: str) -> type:
        return type(name, (base,), {
            "__tablename__": name, "__table_args__": (engines.SummingMergeTree(order_by="k", columns="n"),),
            "k": sa.Column(types.String, primary_key=True), "n": sa.Column(types.UInt64),
        })  # fmt: skip

    source, target, storage = (model(name) for name in ("source", "target", "stored"))
    table = source.__table__  # type: ignore[attr-defined]
    library.MaterializedView(target, sa.select(table.c.k, table.c.n), use_to=True)
    library.MaterializedView(storage, sa.select(table.c.k, table.c.n))
    desired = dialect.canonical(read([base.metadata], dialect, drivername="clickhouse+http"))
    assert sorted(str(ref) for ref in desired if ref.kind != "column") == [
        "materialized view stored", "materialized view target_mv", "table source", "table target",
    ]  # fmt: skip
    with connect(clickhouse_url) as conn:
        for sql in plan(Pair(Schema(), desired), dialect).upgrade():
            conn.execute(sql)
        current = dialect.inspect(conn, Scope())
        assert (
            plan(Pair(current, dialect.normalize_on_server(conn, current, desired, desired)), dialect).upgrade() == ()
        )


def test_calls_are_written_out() -> None:
    known = {
        "f": SqlFunction(("x", "y"), "g(x) * y"),
        "g": SqlFunction(("x",), "x + 1"),
        "h": SqlFunction(("x",), "lower(x)"),
    }
    assert expanded("SELECT f(a, 2), h(a || b) FROM t", known) == "SELECT (a + 1) * 2, lower(a || b) FROM t"
    assert expanded("1 - f(a - 1, b)", known) == "1 - (((a - 1) + 1) * b)"
    assert expanded("f, 'f(1, 2)', other(1)", known) == "f, 'f(1, 2)', other(1)"


@pytest.mark.parametrize(
    ("kind", "written", "printed"),
    [
        ("materialized_view", "CREATE MATERIALIZED VIEW m REFRESH every 1 day append TO t AS SELECT 1 AS a",
         "CREATE MATERIALIZED VIEW m REFRESH EVERY 1 DAY APPEND TO t (a Int8) DEFINER = d SQL SECURITY DEFINER AS SELECT 1 AS a"),
        ("materialized_view", "CREATE MATERIALIZED VIEW m ENGINE = MergeTree() PARTITION BY tuple() ORDER BY (a) AS select 1 AS a",
         "CREATE MATERIALIZED VIEW m (`a` UInt8) ENGINE = MergeTree ORDER BY a SETTINGS index_granularity = 8192 AS SELECT 1 AS a"),
        ("view", "CREATE VIEW v COMMENT 'x' AS select 1 as a", "CREATE VIEW v (`a` UInt8) COMMENT 'x' AS SELECT 1 AS a"),
        ("function", "CREATE FUNCTION f AS x -> x + 1 * 2", "CREATE FUNCTION f AS (x) -> (x + (1 * 2))"),
    ],
)  # fmt: skip
def test_texts_are_compared_by_meaning(kind: str, written: str, printed: str) -> None:
    assert definition_key(kind, written) == definition_key(kind, printed)


def test_views_that_differ_in_more_than_their_query_are_made_anew(dialect: Dialect) -> None:
    def schema(**rest: str) -> Schema:
        metadata = sa.MetaData()
        MaterializedView("m", "SELECT 1 AS a", metadata=metadata, **rest)
        return dialect.canonical(read([metadata], dialect))

    altered = plan(Pair(schema(order_by="a"), schema(order_by="tuple()")), dialect).upgrade()
    assert [sql.split(" m")[0] for sql in altered] == ["DROP VIEW", "CREATE MATERIALIZED VIEW"]
