"""Any partitions of a table to any others, and back, on the server: none may be attached while another has its rows."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dbwarden.core.dialect import Prefs, Scope
from dbwarden.core.model import Column, Partition, PrimaryKey, Schema, Table
from dbwarden.core.options import Options
from dbwarden.core.partitions import partition_refs
from dbwarden.core.plan import Pair, pair, plan
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.postgresql.dialect import PostgreSQL
from dbwarden.runtime.connection import DatabaseConnection

TABLE = Ref("table", "parted")


def _range(name: str, low: int, high: int) -> Partition:
    return Partition(name, TABLE, Expression(f"FOR VALUES FROM ({low}) TO ({high})"), declared=True)


SWAPPED = (_range("p0", 0, 1), _range("p1", 1, 2)), (_range("p0", 1, 2), _range("p1", 0, 1))


@st.composite
def divisions(draw: st.DrawFn) -> tuple[Partition, ...]:
    """Disjoint ranges of numbers under names in any order, perhaps with a default partition and with partitions of one."""
    cuts = sorted(draw(st.sets(st.integers(0, 5), min_size=3, max_size=4)))
    names = draw(st.permutations(["p0", "p1", "p2"]))
    ranges = [pairing for pairing in pairwise(cuts) if draw(st.integers(0, 4))]
    partitions = [_range(name, low, high) for name, (low, high) in zip(names, ranges, strict=False)]
    if draw(st.booleans()):
        partitions.append(Partition("rest", TABLE, Expression("DEFAULT"), declared=True))
    if draw(st.booleans()):
        keyed = Options.of({"partition_by": "HASH (id)"})
        bounds = Expression("FOR VALUES FROM (10) TO (20)")
        partitions.append(Partition("deep", TABLE, bounds, options=keyed, declared=True))
        modulus = draw(st.integers(1, 2))
        partitions += [
            Partition(
                f"deep_{one}",
                Ref("partition", "deep"),
                Expression(f"FOR VALUES WITH (modulus {modulus}, remainder {one})"),
                declared=True,
            )
            for one in range(modulus)
        ]
    return tuple(partitions)


def _schema(dialect: PostgreSQL, partitions: tuple[Partition, ...]) -> Schema:
    column = Column("id", DataType("integer"), nullable=False)
    table = Table.of("parted", [column], options=Options.of({"partition_by": "RANGE (id)"}), partitions=partitions)
    return dialect.canonical(Schema([table, PrimaryKey(TABLE, None, ("id",))]))


def _existing(conn: DatabaseConnection, dialect: PostgreSQL) -> Schema:
    schema = dialect.inspect(conn, Scope((None,)))
    return Schema(item for item in schema.objects() if item.ref == TABLE or item.ref.table == TABLE.name)


def _pair(conn: DatabaseConnection, dialect: PostgreSQL, wanted: Schema) -> Pair:
    existing = _existing(conn, dialect)
    return pair(existing, wanted, (TABLE, *partition_refs(existing)))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=divisions(), after=divisions(), online=st.booleans())
@example(before=SWAPPED[0], after=SWAPPED[1], online=True)
def test_any_division_becomes_any_other(
    shared: DatabaseConnection, before: tuple[Partition, ...], after: tuple[Partition, ...], online: bool
) -> None:
    dialect = PostgreSQL()
    dialect = dialect.for_server(dialect.server_of(shared))
    shared.execute("DROP TABLE IF EXISTS parted")
    for sql in plan(_pair(shared, dialect, _schema(dialect, before)), dialect).upgrade():
        shared.execute(sql)
    if not before or not after:
        return  # a table of which nobody declares a partition keeps those that it has
    former, wanted = _existing(shared, dialect), _schema(dialect, after)
    change = plan(_pair(shared, dialect, wanted), dialect, Prefs(online=online))
    for sql in change.upgrade():
        shared.execute(sql)
    assert _existing(shared, dialect) == wanted
    assert not plan(_pair(shared, dialect, wanted), dialect).steps
    for sql in change.rollback():
        shared.execute(sql)
    assert _existing(shared, dialect) == former
