"""What stands in a database comes back as objects, in a constant number of queries; what we print makes the same again."""

from __future__ import annotations

import pytest
from sqlalchemy.dialects.postgresql.base import PGDialect  # noqa: F401 - imported here, so that no test measures it

from dbwarden.core.change import Rename
from dbwarden.core.dialect import Prefs, Scope
from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    Definition,
    Domain,
    Enum,
    Exclude,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Member,
    Namespace,
    Object,
    PrimaryKey,
    Schema,
    Sequence,
    Table,
    Unique,
)
from dbwarden.core.options import Options
from dbwarden.core.plan import Pair, ambiguous_expressions, plan
from dbwarden.core.types import DataType, Expression, Ref, parse_type
from dbwarden.dialects.postgresql import names
from dbwarden.dialects.postgresql.dialect import PostgreSQL
from dbwarden.runtime.connection import DatabaseConnection

INTEGER, TEXT = DataType("integer"), DataType("text")
T = Ref("table", "t")
COLOR = Enum("color", ("red", "it's green"))


def table(*columns: Column, name: str = "t", **rest: object) -> Table:
    return Table.of(name, (Column("id", INTEGER, False), *columns), **rest)  # type: ignore[arg-type]


def expression(text: str) -> Expression:
    return Expression(text)


PRIMARY = PrimaryKey(T, None, ("id",))
A, B = Column("a", INTEGER), Column("b", TEXT)
FILLED = Options.of({"with": "fillfactor=50"})
NUMBERS = Options.of({"start": "10", "increment": "5", "cache": "3", "cycle": "true"})
KINDS: dict[str, list[Object]] = {
    "namespace": [Namespace("s", "it's a comment"), table(A, schema="s")],
    "reserved words": [table(Column("Select", TEXT), Column("user", TEXT), name="Order")],
    "enum": [COLOR, table(Column("c", DataType("color", ref=COLOR.ref), default=expression("'red'")))],
    "enum array": [COLOR, table(Column("c", DataType("color", array=1, ref=COLOR.ref)))],
    "domain": [
        Domain("pos", INTEGER, None, False, expression("1"), None, (("pos_check", expression("VALUE > 0")),)),
        table(Column("p", DataType("pos", ref=Ref("domain", "pos")))),
    ],
    "sequence": [Sequence("q", None, INTEGER, NUMBERS), table(Column("a", INTEGER, default=expression("nextval('q')")))],
    "serial": [table(Column("n", DataType("bigint"), identity=Identity("serial", Options.of({"increment": "2"}))))],
    "serial of a strange table": [table(Column("n", INTEGER, identity=Identity("serial")), name="it's \"it\"")],
    "identity": [table(Column("n", INTEGER, identity=Identity("always", NUMBERS)))],
    "identity by default": [table(Column("n", INTEGER, identity=Identity("by default")))],
    "computed": [table(A, Column("g", INTEGER, computed=Computed(expression("a*2"), True)))],
    "comments": [
        table(Column("a", INTEGER, comment="it's a"), comment="it's t"), PrimaryKey(T, "k", ("id",), comment="key"),
    ],
    "collation": [table(Column("a", TEXT, collation="C"))],
    "storage": [table(A, options=Options.of({"with": "autovacuum_enabled=false, fillfactor=70", "unlogged": "true"}))],
    "partitioned": [table(A, options=Options.of({"partition_by": "RANGE (id)"}))],
    "primary key": [table(), PrimaryKey(T, "my_key", ("id",), deferrable=True, initially="deferred")],
    "include": [table(A, B), Unique(T, "u", ("a",), include=("b",), nulls_not_distinct=True)],
    "unique": [table(A, B), Unique(T, None, ("a", "b"), deferrable=True)],
    "check": [
        table(A), Check(T, None, expression("a > 0 AND a IN (1, 2, 3)")), Check(T, "c", expression("a <> 5"), no_inherit=True),
    ],
    "foreign key": [
        table(), PRIMARY, table(A, name="o"),
        ForeignKey(Ref("table", "o"), None, ("a",), T, ("id",), "cascade", "set null", "full", True, "deferred"),
    ],
    "self reference": [table(A), PRIMARY, ForeignKey(T, None, ("a",), T, ("id",))],
    "exclude": [
        table(Column("r", DataType("int4range"))),
        Exclude(T, None, ((IndexElement("r"), "&&"),), where=expression("id > 0")),
    ],
    "index": [
        table(A, B),
        Index(T, "i1", (IndexElement("a", descending=True, nulls="last"), IndexElement("b", opclass="text_pattern_ops")), True),
        Index(T, "i2", (IndexElement(None, expression("lower(b)")), IndexElement(None, expression("a + 1")))),
        Index(T, "i3", (IndexElement("a"),), include=("b",), where=expression("a > 0"), options=FILLED),
        Index(T, "i4", (IndexElement("b", collation="C"),), method="btree"),
        Index(T, "i5", (IndexElement("a"),), method="hash", comment="hash it"),
        Index(T, "i6", (IndexElement("a"),), True, nulls_not_distinct=True),
    ],
    "view": [
        table(A),
        Definition(
            "view", "v", expression("CREATE VIEW v AS\n SELECT t.a\n   FROM t"), needs=frozenset((T, Ref("column", "a", None, "t")))
        ),
    ],
}  # fmt: skip


def scope(schema: Schema) -> Scope:
    return Scope((None, *sorted({ref.name for ref in schema if ref.kind == "namespace"})))


def run(conn: DatabaseConnection, statements: tuple[str, ...]) -> None:
    with conn.transaction():
        for sql in statements:
            conn.execute(sql)


@pytest.mark.parametrize("kind", KINDS)
def test_round_trip(kind: str, conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    wanted = dialect.canonical(Schema(KINDS[kind]))
    assert dialect.canonical(wanted) == wanted
    empty = dialect.inspect(conn, scope(wanted))
    made = plan(Pair(empty, wanted), dialect)
    assert not made.irreversible()
    run(conn, made.upgrade())
    current = dialect.inspect(conn, scope(wanted))
    both = Pair(current, wanted)
    if current != wanted:
        assert ambiguous_expressions(both), (current, wanted)
        wanted = dialect.normalize_on_server(conn, current, wanted, ambiguous_expressions(both))
    assert current == wanted
    assert dialect.canonical(current) is current
    assert (
        dialect.normalize_on_server(conn, current, wanted, [ref for ref in wanted if ref.kind in ("table", "domain")])
        == current
    )
    run(conn, made.rollback())
    assert dialect.inspect(conn, scope(wanted)) == empty


def test_names_that_the_server_chooses(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    long, other = "a_very_long_table_name_that_goes_on_and_on", "an_even_longer_column_name_which_does_not_end_ünicode"
    here = Ref("table", long)
    columns = (Column("id", INTEGER, False), Column(other, INTEGER), Column("b", INTEGER))
    members: list[Member] = [
        PrimaryKey(here, None, ("id",)), Unique(here, None, (other, "b")), Unique(here, None, (other,)),
        Check(here, None, expression("b > 0")), Check(here, None, expression("b < 9")), Check(here, None, expression("b < id")),
        ForeignKey(here, None, ("b",), here, ("id",)), ForeignKey(here, None, (other, "id"), here, (other, "b")),
    ]  # fmt: skip
    wanted = dialect.canonical(Schema([Table.of(long, columns), *members]))
    lines = [f"{names.quote(column.name)} INTEGER" for column in columns]
    lines += [
        "PRIMARY KEY (id)", f"UNIQUE ({names.quote(other)}, b)", f"UNIQUE ({names.quote(other)})", "CHECK (b > 0)",
        "CHECK (b < 9)", "CHECK (b < id)", f"FOREIGN KEY (b) REFERENCES {long} (id)",
        f"FOREIGN KEY ({names.quote(other)}, id) REFERENCES {long} ({names.quote(other)}, b)",
    ]  # fmt: skip
    conn.execute(f"CREATE TABLE {long} ({', '.join(lines)})")
    assert dialect.inspect(conn, Scope((None,))) == wanted


EACH_KIND = (
    "CREATE TABLE t (id int)",
    "CREATE TABLE keyed (id serial PRIMARY KEY)",
    "CREATE TYPE e AS ENUM ('a')",
    "CREATE VIEW v AS SELECT 1 AS one",
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
)


def sent_by_an_inspection(conn: DatabaseConnection, dialect: PostgreSQL) -> int:
    start = conn.sent
    dialect.inspect(conn, Scope((None,)))
    return conn.sent - start


def test_the_number_of_queries_does_not_grow(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    for sql in EACH_KIND:
        conn.execute(sql)
    few = sent_by_an_inspection(conn, dialect)
    script = (
        "CREATE TYPE e{0} AS ENUM ('a');"
        "CREATE TABLE t{0} (id serial PRIMARY KEY, a e{0}, b text UNIQUE, c int CHECK (c > 0))"
    )
    for number in range(30):
        conn.execute(script.format(number))
    assert sent_by_an_inspection(conn, dialect) == few <= 12


def test_what_does_not_exist_is_not_asked_for(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    numbers = [sent_by_an_inspection(conn, dialect)]
    for sql in EACH_KIND:
        conn.execute(sql)
        numbers.append(sent_by_an_inspection(conn, dialect))
    assert numbers == [3, 7, 8, 9, 10, 11, 12], "nothing, tables, sequences, types, views, routines, what is attached"


def test_a_view_with_a_name_like_ours_is_asked_for(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    conn.execute("CREATE VIEW dbwarden_of_theirs AS SELECT 1 AS one")
    assert list(dialect.inspect(conn, Scope((None,)))) == [Ref("view", "dbwarden_of_theirs")]


@pytest.mark.parametrize(
    "sql",
    [
        "GRANT SELECT ON t TO public",
        "GRANT SELECT (id) ON t TO public",
        "CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING",
        "CREATE POLICY p ON t USING (true)",
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE t FORCE ROW LEVEL SECURITY",
        "CREATE STATISTICS s ON id, other FROM t",
        "CREATE PUBLICATION p",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT id FROM t; END",
    ],
)
def test_whatever_is_attached_to_a_table_is_asked_for(sql: str, conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    conn.execute("CREATE TABLE t (id int, other int)")
    if sql.startswith("CREATE PUBLICATION"):
        conn.execute(sql)
        sql = "ALTER PUBLICATION p ADD TABLE t"
    before = dialect.inspect(conn, Scope((None,)))
    conn.execute(sql)
    after = dialect.inspect(conn, Scope((None,)))
    assert [item for ref, item in after.items() if before.get(ref) != item], sql


def test_what_is_not_ours_is_left_out(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    conn.execute("CREATE TABLE dbwarden_migrations (id serial PRIMARY KEY)")
    conn.execute("CREATE TEMPORARY TABLE gone (id int)")
    conn.execute("CREATE TABLE parent (id int) PARTITION BY RANGE (id)")
    conn.execute("CREATE TABLE child PARTITION OF parent FOR VALUES FROM (0) TO (10)")
    conn.execute("CREATE SCHEMA elsewhere CREATE TABLE x (id int)")
    assert list(dialect.inspect(conn, Scope((None,)))) == [Ref("table", "parent")]


def test_the_default_schema_has_no_name(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    conn.execute("CREATE TABLE t (id int)")
    named = dialect.canonical(Schema([Namespace("public"), Table.of("t", [Column("id", INTEGER)], schema="public")]))
    assert named == dialect.inspect(conn, Scope((None,))) == dialect.inspect(conn, Scope(("public",)))


def test_renames(conn: DatabaseConnection, dialect: PostgreSQL) -> None:
    before = dialect.canonical(Schema([COLOR, *KINDS["index"], Unique(T, "u", ("a",))]))
    run(conn, plan(Pair(Schema(), before), dialect).upgrade())
    renames = [
        Rename(T, Ref("table", "Order")), Rename(Ref("column", "a", None, "Order"), Ref("column", "z", None, "Order")),
        Rename(Ref("index", "i1", None, "Order"), Ref("index", "j1", None, "Order")),
        Rename(Ref("unique", "u", None, "Order"), Ref("unique", "w", None, "Order")),
        Rename(COLOR.ref, Ref("enum", "colour")),
    ]  # fmt: skip
    after = before
    for rename in renames:
        after = rename.apply(after)
        run(conn, dialect.ddl(rename, before, after, Prefs()))
    current = dialect.inspect(conn, Scope((None,)))
    assert {ref.name for ref in current if ref.kind in ("table", "enum", "unique")} == {"Order", "colour", "w"}
    assert set(current.table(Ref("table", "Order")).columns) == {"id", "z", "b"}
    for rename in reversed(renames):
        run(conn, dialect.ddl(rename.inverse(), after, before, Prefs()))
    assert dialect.inspect(conn, Scope((None,))) == before


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("int4", "integer"), ("CHARACTER VARYING(50)", "varchar(50)"), ("bool", "boolean"), ("decimal(10)", "numeric(10,0)"),
        ("float(10)", "real"), ("FLOAT", "double precision"), ("timestamptz", "timestamp with time zone"), ("char", "char(1)"),
        ("TIMESTAMP(3) WITHOUT TIME ZONE", "timestamp(3)"), ("bit varying(5)", "bit varying(5)"), ("int[][]", "integer[]"),
        ("interval day to second(3)", "interval day to second(3)"), ("time with time zone", "time with time zone"),
    ],
)  # fmt: skip
def test_type_names(spelling: str, canonical: str, dialect: PostgreSQL) -> None:
    column = Column("a", parse_type(spelling))
    type_ = dialect.canonical(Schema([Table.of("t", [column])])).table(T).columns["a"].type
    assert str(type_).replace("[][]", "[]") == canonical
