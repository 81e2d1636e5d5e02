"""What stands in a database comes back as objects, equal to the models that made it, and made again it is the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql as my

from dbwarden.api.connection import connect
from dbwarden.core.change import Change
from dbwarden.core.dialect import Prefs, Scope, Server
from dbwarden.core.diff import adopt_names, diff
from dbwarden.core.model import Check, Column, ForeignKey, Index, IndexElement, PrimaryKey, Schema, Table
from dbwarden.core.options import Options
from dbwarden.core.plan import pair, plan
from dbwarden.core.steps import Plan
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.mysql.dialect import FLAVOURS, MySQL
from dbwarden.errors import Unsupported
from dbwarden.models.read import read

from .conftest import Flavour

T = Ref("table", "t")
INT = DataType("int")


def run(flavour: Flavour, statements: Iterable[str]) -> None:
    for sql in statements:
        flavour.conn.execute(sql)


def inspect(flavour: Flavour) -> Schema:
    return flavour.dialect.inspect(flavour.conn, Scope())


def table(schema: Schema, name: str = "t") -> Table:
    return schema.table(Ref("table", name))


def steps(flavour: Flavour, current: Schema, desired: Schema) -> Plan:
    owned = [ref for ref, item in current.items() if not item.derived]
    return plan(pair(current, adopt_names(current, desired), owned), flavour.dialect)


def both(**options: object) -> dict[str, object]:
    """Keywords of SQLAlchemy for both flavours."""
    return {f"{prefix}_{name}": value for prefix in FLAVOURS for name, value in options.items()}


# -- models -------------------------------------------------------------------------------------------------------


def models() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        "parent",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), nullable=False, unique=True, comment="it's"),
        sa.Column("flag", sa.Boolean, server_default=sa.true()),
        sa.Column("n", sa.Integer, server_default="0", nullable=False),
        sa.Column("d", sa.Numeric(10, 2), server_default="1.5"),
        sa.Column("f", sa.Float, server_default=sa.text("0")),
        sa.Column("double", sa.Double, server_default="1e3"),
        sa.Column("big", my.BIGINT(unsigned=True)),
        sa.Column("bits", my.BIT(3), server_default=sa.text("b'011'")),
        sa.Column("created", sa.DateTime, server_default=sa.func.now()),
        sa.Column(
            "changed",
            my.DATETIME(fsp=6),
            server_default=sa.text("CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)"),
        ),
        sa.Column("stamp", sa.TIMESTAMP, nullable=False, server_default=sa.func.current_timestamp()),
        sa.Column("nullable_stamp", sa.TIMESTAMP),
        sa.Column("day", sa.Date, server_default="2020-1-1"),
        sa.Column("moment", sa.DateTime, server_default="2020-01-01"),
        sa.Column("year", my.YEAR),
        sa.Column("kind", sa.Enum("a", "it's", name="kind"), server_default="a"),
        sa.Column("choice", my.SET("x", "y")),
        sa.Column("document", sa.JSON),
        sa.Column("body", sa.Text),
        sa.Column("literal", sa.String(20), server_default="a'b\\c é"),
        sa.Column("random", sa.String(36), server_default=sa.text("(uuid())")),
        sa.Column("exact", sa.String(20, collation="utf8mb4_bin")),
        sa.Column("latin", my.VARCHAR(10, charset="latin1")),
        sa.Column("bytes", sa.LargeBinary(16)),
        sa.Column("more", sa.Integer, sa.Computed("n + 1")),
        sa.Column("stored", sa.Integer, sa.Computed("n * 2 + 1", persisted=True)),
        sa.CheckConstraint("n > 0 AND name <> 'x'", name="ck_n"),
        sa.CheckConstraint("n < 100 or n is null"),
        sa.UniqueConstraint("n", "name"),
        sa.Index("ix_body", "body", **both(length=10)),
        sa.Index("ft_body", "body", **both(prefix="FULLTEXT")),
        sa.Index("ix_descending", sa.desc("n"), "name"),
        comment="all kinds",
        **both(engine="InnoDB", charset="utf8mb4"),
    )
    sa.Table(
        "child",
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("p1", sa.ForeignKey("parent.id", ondelete="CASCADE")),
        sa.Column("p2", sa.ForeignKey("parent.id", ondelete="RESTRICT", name="fk_p2")),
        sa.Column("p3", sa.ForeignKey("parent.id", ondelete="SET NULL"), index=True),
        sa.Column("own", sa.ForeignKey("child.id", onupdate="NO ACTION")),
        sa.Column("p4", sa.Integer),
        sa.Column("x", sa.Integer),
        sa.ForeignKeyConstraint(["p4"], ["parent.id"]),
        sa.Index("ix_both", "p4", "x"),
        **both(collate="utf8mb4_bin"),
    )
    sa.Table(
        "packed",
        metadata,
        sa.Column("a", sa.Integer, primary_key=True),
        sa.Column("b", sa.Integer, primary_key=True),
        **both(row_format="COMPRESSED", key_block_size="8"),
    )
    sa.Table("Spread", metadata, sa.Column("id", sa.Integer, primary_key=True),
             **both(partition_by="hash( `id` )", partitions="4"))  # fmt: skip
    return metadata


def create_all(flavour: Flavour, metadata: sa.MetaData) -> None:
    driver = flavour.url.replace("://", "+pymysql://", 1)
    engine = sa.create_engine(driver)
    metadata.create_all(engine)
    engine.dispose()


def test_what_create_all_made_equals_the_models(flavour: Flavour) -> None:
    metadata = models()
    create_all(flavour, metadata)
    desired = flavour.dialect.canonical(read([metadata], flavour.dialect))
    there = inspect(flavour)
    assert list(diff(there, desired)) == []
    assert there == desired
    assert flavour.dialect.canonical(desired) is desired
    assert flavour.dialect.canonical(there) is there


@pytest.mark.parametrize("charset", ["latin1", "utf8mb4 COLLATE utf8mb4_bin"])
def test_models_are_equal_in_a_database_of_another_charset(charset: str, flavour: Flavour) -> None:
    flavour.conn.execute(f"ALTER DATABASE {flavour.dialect.server.default_schema} CHARACTER SET {charset}")
    dialect = flavour.dialect.for_server(flavour.dialect.server_of(flavour.conn))
    metadata = models()
    create_all(flavour, metadata)
    desired = dialect.canonical(read([metadata], dialect))
    assert list(diff(dialect.inspect(flavour.conn, Scope()), desired)) == []


# -- what other tools make ----------------------------------------------------------------------------------------

COLUMNS = """
CREATE TABLE t (
  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  text_default varchar(20) DEFAULT 'it''s "x" \\\\ \\n' COMMENT 'hé ''q''',
  flag tinyint(1) NOT NULL DEFAULT 1,
  amount decimal(10,2) DEFAULT 0,
  ratio double DEFAULT 1e3,
  bits bit(4) DEFAULT b'101',
  y year DEFAULT 2020,
  changed datetime(6) DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  stamp timestamp NOT NULL DEFAULT current_timestamp,
  nothing timestamp NULL,
  e enum('a','b''c') DEFAULT 'a',
  s set('x','y') DEFAULT 'x,y',
  bin binary(4) DEFAULT 'ab',
  body text DEFAULT ('abc'),
  document json DEFAULT (json_object('a', 1)),
  expr int DEFAULT (1+2),
  random varchar(40) DEFAULT (uuid()),
  quoted varchar(40) DEFAULT (concat('a','é''\\\\')),
  virtual_one int AS (expr+1) VIRTUAL,
  stored_one varchar(50) AS (concat(text_default,'x')) STORED COMMENT 'gen',
  hidden int DEFAULT 3 INVISIBLE,
  hidden_one int AS (expr+2) INVISIBLE,
  latin varchar(10) CHARACTER SET latin1,
  exact varchar(10) COLLATE utf8mb4_bin,
  neg int DEFAULT -5,
  blank varchar(5) NOT NULL DEFAULT '',
  word varchar(5) DEFAULT 'NULL',
  now_expr datetime DEFAULT (now()),
  filled bigint unsigned zerofill,
  fixed char(3) NOT NULL DEFAULT 'a',
  blob_default blob DEFAULT (x'ff'),
  shape point NOT NULL,
  CHECK (expr > 0 AND text_default <> 'x' OR NOT (random LIKE 'a%')),
  CONSTRAINT named CHECK (expr IN (1,2,3)),
  INDEX (text_default(5)),
  UNIQUE (expr),
  UNIQUE u2 (expr, text_default DESC),
  INDEX (random),
  UNIQUE (random),
  INDEX usi USING HASH (neg, expr),
  INDEX noted (neg) COMMENT 'ic',
  FULLTEXT ft (body),
  SPATIAL INDEX sp (shape)
) COMMENT 'tab' ROW_FORMAT=COMPACT AUTO_INCREMENT=100
"""
OTHERS = """
CREATE TABLE years (id int NOT NULL, d date NOT NULL, PRIMARY KEY (id, d)) CHARSET latin1
  PARTITION BY RANGE (year(d)) SUBPARTITION BY HASH(id) SUBPARTITIONS 2
  (PARTITION p0 VALUES LESS THAN (2000) COMMENT='x', PARTITION pm VALUES LESS THAN MAXVALUE);
CREATE TABLE places (id int NOT NULL, d varchar(10)) COLLATE utf8mb4_bin
  PARTITION BY LIST COLUMNS (id, d) (PARTITION a VALUES IN ((1,'a'),(2,'b''c')), PARTITION b VALUES IN ((3,null)));
CREATE TABLE spread (id int NOT NULL) PARTITION BY KEY(id) PARTITIONS 3;
CREATE TABLE memory_one (id int NOT NULL, k int, INDEX USING HASH (k), PRIMARY KEY (id)) ENGINE=MEMORY;
CREATE TABLE old (id int PRIMARY KEY, s varchar(9)) ENGINE=MyISAM MAX_ROWS=1000 CHECKSUM=1;
CREATE TABLE child (
  id int PRIMARY KEY, p int unsigned, q int unsigned, r int unsigned, s int unsigned,
  FOREIGN KEY (p) REFERENCES t(id) ON DELETE CASCADE,
  CONSTRAINT named_fk FOREIGN KEY (q) REFERENCES t(id) ON DELETE RESTRICT ON UPDATE NO ACTION,
  FOREIGN KEY (r) REFERENCES t(id) ON DELETE SET NULL ON UPDATE CASCADE,
  FOREIGN KEY (s) REFERENCES t(id) ON DELETE NO ACTION,
  INDEX (r, q))
"""
ONLY = {
    "mysql": """
ALTER TABLE t ADD CONSTRAINT ne CHECK (expr <> 'a''b') NOT ENFORCED, ALTER INDEX noted INVISIBLE;
CREATE TABLE parsed (a text, b text, FULLTEXT k (a) WITH PARSER ngram, FULLTEXT `k``2` (b) WITH PARSER ngram, FULLTEXT k3 (a, b));
CREATE INDEX functional ON t ((upper(text_default)), (expr + 1) DESC);
ALTER TABLE t ADD COLUMN place point NOT NULL SRID 4326, ADD COLUMN required int AS (expr + 4) STORED NOT NULL
""",
    "mariadb": """
ALTER TABLE t ADD COLUMN u uuid, ADD COLUMN i6 inet6, ADD COLUMN checked int CHECK (checked > 3), ALTER INDEX noted IGNORED;
CREATE TABLE versioned (id int PRIMARY KEY, x int, y int WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING;
CREATE TABLE period (id int PRIMARY KEY, s timestamp(6) GENERATED ALWAYS AS ROW START,
  e timestamp(6) GENERATED ALWAYS AS ROW END INVISIBLE, PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING
""",
}


def build_everything(flavour: Flavour) -> None:
    run(flavour, [COLUMNS, *OTHERS.split(";\n"), *ONLY[flavour.name].split(";\n")])


def drop_everything(flavour: Flavour) -> None:
    flavour.dialect.clear(flavour.conn)


def test_what_is_inspected_is_canonical_and_makes_the_same_again(flavour: Flavour) -> None:
    build_everything(flavour)
    there = inspect(flavour)
    assert flavour.dialect.canonical(there) is there
    drop_everything(flavour)
    run(flavour, steps(flavour, Schema(), there).upgrade())
    again = inspect(flavour)
    assert list(diff(again, there)) == []
    assert again == there


def test_columns_say_what_both_flavours_mean(flavour: Flavour) -> None:
    flavour.conn.execute(COLUMNS)
    columns = table(inspect(flavour)).columns
    defaults = {name: column.default.text for name, column in columns.items() if column.default is not None}
    large = (lambda text: f"({text})") if flavour.name == "mysql" else (lambda text: text)
    assert defaults == {
        "text_default": "'it''s \"x\" \\\\ \\n'", "flag": "1", "amount": "0.00", "ratio": "1000", "bits": "b'101'",
        "y": "2020", "changed": "CURRENT_TIMESTAMP(6)", "stamp": "CURRENT_TIMESTAMP", "e": "'a'", "s": "'x,y'",
        "bin": "'ab'", "body": large("'abc'"), "document": "(json_object('a',1))", "expr": "(1 + 2)", "random": "(uuid())",
        "quoted": "(concat('a','é\\'\\\\'))", "hidden": "3", "neg": "-5", "blank": "''", "word": "'NULL'",
        "now_expr": "CURRENT_TIMESTAMP", "fixed": "'a'", "blob_default": large("0xff"),
    }  # fmt: skip
    types = {name: str(columns[name].type) for name in ("id", "flag", "y", "document", "filled", "e", "shape")}
    assert types == {
        "id": "int unsigned", "flag": "tinyint(1)", "y": "year", "document": "json",
        "filled": "bigint(20) unsigned zerofill", "e": "enum('a','b''c')", "shape": "point",
    }  # fmt: skip
    assert {name for name, column in columns.items() if not column.nullable} == {
        "id", "flag", "stamp", "blank", "fixed", "shape",
    }  # fmt: skip
    assert columns["id"].identity is not None and columns["id"].identity.mode == "auto_increment"
    assert columns["changed"].options == Options.of({"on_update": "CURRENT_TIMESTAMP(6)"})
    assert (columns["latin"].options, columns["latin"].collation) == (Options.of({"charset": "latin1"}), None)
    assert (columns["exact"].options, columns["exact"].collation) == (Options(), "utf8mb4_bin")
    hidden = {name for name, column in columns.items() if column.options.get("invisible")}
    assert hidden == {"hidden", "hidden_one"}
    computed = {name: (c.computed.expression.text, c.computed.stored) for name, c in columns.items() if c.computed}
    assert computed == {
        "virtual_one": ("expr + 1", False),
        "stored_one": ("concat(text_default,'x')", True),
        "hidden_one": ("expr + 2", False),
    }
    assert columns["text_default"].comment == "hé 'q'"


def test_tables_have_the_options_that_differ_from_the_database(flavour: Flavour) -> None:
    build_everything(flavour)
    there = inspect(flavour)
    options = {item.name: dict(item.options) for item in there.tables()}
    assert options["t"] == {"row_format": "COMPACT"}
    assert options["years"] == {
        "charset": "latin1",
        "partition_by": "RANGE (year(d)) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (2000)"
        " COMMENT = 'x', PARTITION pm VALUES LESS THAN MAXVALUE)",
    }
    assert options["places"] == {
        "charset": "utf8mb4",
        "collate": "utf8mb4_bin",
        "partition_by": "LIST COLUMNS (id, d) (PARTITION a VALUES IN ((1, 'a'), (2, 'b''c')),"
        " PARTITION b VALUES IN ((3, NULL)))",
    }
    assert options["spread"] == {"partition_by": "KEY (id) PARTITIONS 3"}
    assert options["memory_one"] == {"engine": "MEMORY"}
    assert options["old"] == {"engine": "MyISAM", "max_rows": "1000", "checksum": "1"}
    assert options["child"] == {}
    if flavour.name == "mariadb":
        assert options["versioned"] == {"system_versioning": "true"}
        assert options["period"] == {"system_versioning": "true", "periods": "PERIOD FOR SYSTEM_TIME (s, e)"}
        column = table(there, "versioned").columns["y"]
        assert column.options == Options.of({"without_system_versioning": "true"})
    assert table(there).comment == "tab"


def test_members_say_what_both_flavours_mean(flavour: Flavour) -> None:
    build_everything(flavour)
    there = inspect(flavour)
    keys: dict[str, str] = {}
    for item in there.members(T):
        if isinstance(item, Index):
            unique = "unique " if item.unique else ""
            parts = (
                f"{element.key}{f'({element.length})' if element.length else ''}{' desc' if element.descending else ''}"
                for element in item.elements
            )
            keys[item.name or ""] = f"{unique}{item.method or ''}({', '.join(parts)})"
    functional = {"functional": "((upper(text_default)), ((expr + 1)) desc)"} if flavour.name == "mysql" else {}
    assert keys == {
        "text_default": "(text_default(5))", "expr": "unique (expr)", "u2": "unique (expr, text_default desc)",
        "random": "(random)", "random_2": "unique (random)", "usi": "(neg, expr)", "noted": "(neg)",
        "ft": "fulltext(body)", "sp": "spatial(shape)", **functional,
    }  # fmt: skip
    noted = there.get(Ref("index", "noted", None, "t"))
    assert isinstance(noted, Index)
    assert (noted.comment, noted.options) == ("ic", Options.of({"invisible": "true"}))
    checks = {item.name: item for item in there.members(T) if isinstance(item, Check)}
    unnamed = "CONSTRAINT_1" if flavour.name == "mariadb" else "t_chk_1"
    assert checks["named"].expression.text == "expr in (1,2,3)"
    assert set(checks[unnamed].columns) == {"expr", "text_default", "random"}
    if flavour.name == "mysql":
        parsed = there.members(Ref("table", "parsed"))
        parsers = {item.name: item.options.get("parser") for item in parsed if isinstance(item, Index)}
        assert parsers == {"k": "ngram", "k`2": "ngram", "k3": None}
        assert checks["ne"].options == Options.of({"not_enforced": "true"})
    foreign = {
        item.name: (item.columns, item.on_update, item.on_delete)
        for item in there.members(Ref("table", "child"))
        if isinstance(item, ForeignKey)
    }
    assert foreign == {
        "child_ibfk_1": (("p",), None, "cascade"),
        "named_fk": (("q",), None, None),
        "child_ibfk_2": (("r",), "cascade", "set null"),
        "child_ibfk_3": (("s",), None, None),
    }
    memory = there.get(Ref("index", "k", None, "memory_one"))
    assert isinstance(memory, Index) and memory.method == "hash"


def test_a_database_with_every_kind_takes_at_most_fifteen_queries(flavour: Flavour) -> None:
    build_everything(flavour)
    run(flavour, ["CREATE VIEW v AS SELECT id FROM t", "CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1",
                  "CREATE TRIGGER tr BEFORE INSERT ON old FOR EACH ROW SET NEW.s = NULL"])  # fmt: skip
    start = flavour.conn.sent
    there = inspect(flavour)
    few = flavour.conn.sent - start
    assert {"view", "function", "trigger"} <= {ref.kind for ref in there}
    # The list of parsers, and the two tables that may use them; the table with a short default of bytes.
    shown = 4 if flavour.name == "mysql" else 0
    assert few - shown <= 15
    plain = COLUMNS.replace("FULLTEXT ft (body)", "INDEX ft (body(9))").replace("DEFAULT 'ab'", "DEFAULT 'abcd'")
    for number in range(20):
        another = plain.replace("CREATE TABLE t ", f"CREATE TABLE t{number} ").replace(" named ", f" n{number} ")
        flavour.conn.execute(another)
    start = flavour.conn.sent
    inspect(flavour)
    assert flavour.conn.sent - start == few


@pytest.mark.parametrize(
    ("written", "default"),
    [
        ("binary(4) DEFAULT 'a\\0b'", "0x610062"),
        ("binary(4) NOT NULL DEFAULT 'ab' COMMENT ' DEFAULT 0x99'", "'ab'"),
        ("varbinary(10) DEFAULT 0x00", "0x00"),
        ("varbinary(20) DEFAULT 'it''s\\\\n\\0z'", "0x697427735c6e007a"),
        ("varbinary(9) DEFAULT ''", "''"),
        ("varbinary(4) INVISIBLE DEFAULT X'610000'", "0x610000"),
    ],
)
def test_bytes_behind_a_zero_byte_are_read(written: str, default: str, flavour: Flavour) -> None:
    flavour.conn.execute(f"CREATE TABLE t (id int PRIMARY KEY, `a``b` {written})")
    there = flavour.dialect.inspect(flavour.conn, Scope())
    column = there.table(Ref("table", "t")).columns["a`b"]
    assert str(column.default) == default
    flavour.conn.execute("DROP TABLE t")
    for sql in plan(pair(Schema(), there), flavour.dialect, Prefs()).upgrade():
        flavour.conn.execute(sql)
    assert not list(diff(flavour.dialect.inspect(flavour.conn, Scope()), there))


def test_bytes_that_are_no_text_are_read(flavour: Flavour) -> None:
    flavour.conn.execute(
        "CREATE TABLE t (id int PRIMARY KEY, b varbinary(9) DEFAULT 0xff00fe, c binary(4) NOT NULL DEFAULT 0xfffe,"
        " d varbinary(4) DEFAULT '?')"
    )
    there = flavour.dialect.inspect(flavour.conn, Scope())
    columns = there.table(Ref("table", "t")).columns
    assert [str(columns[name].default) for name in "bcd"] == ["0xff00fe", "0xfffe", "'?'"]


def test_a_default_that_the_driver_cannot_decode_is_compared_by_its_text(flavour: Flavour) -> None:
    flavour.conn.execute("CREATE TABLE t (id int PRIMARY KEY, b varbinary(9) DEFAULT 0xff00fe, n int DEFAULT (1 + 1))")
    there = flavour.dialect.inspect(flavour.conn, Scope())
    normalized = flavour.dialect.normalize_on_server(flavour.conn, there, there, [Ref("table", "t")])
    assert not list(diff(normalized, there))


@pytest.mark.parametrize("mode", ["ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "PIPES_AS_CONCAT", ""])
def test_the_sql_mode_makes_no_difference(mode: str, flavour: Flavour) -> None:
    flavour.conn.execute(
        "CREATE TABLE t (a varchar(20) DEFAULT 'a\\\\b', `we \"ird` varchar(30) AS (concat(a, 'x')) COMMENT 'x''y\\\\z',"
        " n int DEFAULT (1 + 1), j json, CHECK (a <> 'a\\\\b' AND `we \"ird` <> 'it''s'))"
    )
    wanted = inspect(flavour)
    flavour.conn.execute(f"SET SESSION sql_mode = '{mode}'")
    dialect = flavour.dialect.for_server(flavour.dialect.server_of(flavour.conn))
    assert mode in (dialect.server.settings.get("sql_mode") or "")
    there = dialect.inspect(flavour.conn, Scope())
    assert list(diff(there, wanted)) == []
    checks = [item.expression for item in there.members(T) if isinstance(item, Check)]
    assert [check.text for check in checks] == [
        item.expression.text for item in wanted.members(T) if isinstance(item, Check)
    ]
    flavour.conn.execute("SET SESSION sql_mode = DEFAULT")


def test_another_database_is_refused(flavour: Flavour) -> None:
    with pytest.raises(Unsupported, match="elsewhere"):
        flavour.dialect.inspect(flavour.conn, Scope((None, "elsewhere")))
    with pytest.raises(Unsupported, match="elsewhere"):
        flavour.dialect.canonical(Schema([Table.of("t", [Column("id", INT)], schema="elsewhere")]))
    own = Table.of("t", [Column("id", INT)], schema=flavour.dialect.server.default_schema)
    assert list(flavour.dialect.canonical(Schema([own]))) == [T]


@pytest.mark.parametrize("nullable", [False, True])
def test_timestamps_have_the_defaults_that_an_old_server_adds(nullable: bool, mariadb_url: str) -> None:
    metadata = sa.MetaData()
    stamp = sa.TIMESTAMP()
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", stamp, nullable=nullable),
             sa.Column("b", stamp, nullable=False), sa.Column("c", my.TIMESTAMP(fsp=3), nullable=False),
             sa.Column("d", stamp))  # fmt: skip
    with connect(mariadb_url) as conn:
        conn.execute("SET SESSION explicit_defaults_for_timestamp = OFF")
        dialect = MySQL(FLAVOURS["mariadb"])
        dialect = dialect.for_server(dialect.server_of(conn))
        conn.execute(str(sa.schema.CreateTable(metadata.tables["t"]).compile(dialect=my.dialect())))  # type: ignore[no-untyped-call]
        desired = dialect.canonical(read([metadata], dialect))
        assert list(diff(dialect.inspect(conn, Scope()), desired)) == []
        assert dialect.canonical(desired) is desired


# -- indexes of foreign keys --------------------------------------------------------------------------------------

INDEXES: dict[str, tuple[list[str], list[Index | PrimaryKey | ForeignKey]]] = {
    "of an unnamed key": (["FOREIGN KEY (a) REFERENCES p (id)"], [ForeignKey(T, None, ("a",), Ref("table", "p"), ("id",))]),
    "of a named key": (
        ["CONSTRAINT fk FOREIGN KEY (a) REFERENCES p (id)"], [ForeignKey(T, "fk", ("a",), Ref("table", "p"), ("id",))],
    ),
    "of two keys on one column": (
        [
            "CONSTRAINT fk2 FOREIGN KEY (a) REFERENCES p (id)",
            "CONSTRAINT fk1 FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE",
        ],
        [
            ForeignKey(T, "fk2", ("a",), Ref("table", "p"), ("id",)),
            ForeignKey(T, "fk1", ("a",), Ref("table", "p"), ("id",), None, "cascade"),
        ],
    ),
    "of keys of which one has the columns of the other": (
        ["CONSTRAINT short FOREIGN KEY (a) REFERENCES p (id)", "CONSTRAINT longer FOREIGN KEY (a, b) REFERENCES q (x, y)"],
        [
            ForeignKey(T, "short", ("a",), Ref("table", "p"), ("id",)),
            ForeignKey(T, "longer", ("a", "b"), Ref("table", "q"), ("x", "y")),
        ],
    ),
    "where an index begins with the column": (
        ["FOREIGN KEY (a) REFERENCES p (id)", "INDEX i (a, b)"],
        [ForeignKey(T, None, ("a",), Ref("table", "p"), ("id",)), Index(T, "i", (IndexElement("a"), IndexElement("b")))],
    ),
    "where the column is not the first": (
        ["FOREIGN KEY (a) REFERENCES p (id)", "INDEX i (b, a)"],
        [ForeignKey(T, None, ("a",), Ref("table", "p"), ("id",)), Index(T, "i", (IndexElement("b"), IndexElement("a")))],
    ),
    "where the primary key begins with the column": (
        ["FOREIGN KEY (a) REFERENCES p (id)", "PRIMARY KEY (a, b)"],
        [ForeignKey(T, None, ("a",), Ref("table", "p"), ("id",)), PrimaryKey(T, None, ("a", "b"))],
    ),
    "where its name is in use": (
        ["INDEX a (b)", "FOREIGN KEY (a) REFERENCES p (id)"],
        [Index(T, "a", (IndexElement("b"),)), ForeignKey(T, None, ("a",), Ref("table", "p"), ("id",))],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", INDEXES)
def test_the_index_of_a_foreign_key_is_the_one_that_the_server_adds(case: str, flavour: Flavour) -> None:
    clauses, members = INDEXES[case]
    run(flavour, ["CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE q (x int, y int, PRIMARY KEY (x, y))"])
    run(flavour, [f"CREATE TABLE t (a int, b int, {', '.join(clauses)})"])
    columns = Table.of("t", [Column("a", INT), Column("b", INT)])
    parent = [Table.of("p", [Column("id", INT)]), PrimaryKey(Ref("table", "p"), None, ("id",))]
    desired = flavour.dialect.canonical(Schema([columns, *members, *parent]))
    there = inspect(flavour)
    assert list(diff(there.without(*(ref for ref in there if "q" in (ref.name, ref.table))), desired)) == []


# -- checks in a column's definition ------------------------------------------------------------------------------


@pytest.fixture
def checked(mariadb_url: str) -> Iterator[Flavour]:
    """A table with a check that belongs to a column, which only MariaDB has."""
    dialect = MySQL(FLAVOURS["mariadb"])
    with connect(mariadb_url) as conn:
        conn.execute("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 5 COMMENT 'c' CHECK (n > 3))")
        yield Flavour(dialect.for_server(dialect.server_of(conn)), conn, mariadb_url)


def shown(flavour: Flavour) -> str:
    return str(flavour.conn.query("SHOW CREATE TABLE t")[0][1])


def changed(schema: Schema, **values: object) -> Schema:
    before = table(schema)
    column = Column(
        **{"name": "n", "type": INT, "nullable": False, "default": Expression("5"), "comment": "c", **values}
    )  # type: ignore[arg-type]
    return schema.put(before.with_column(column))


def test_a_column_keeps_its_check_when_it_changes(checked: Flavour) -> None:
    former, text = inspect(checked), shown(checked)
    desired = checked.dialect.canonical(changed(former, type=DataType("bigint")))
    migration = steps(checked, former, desired)
    run(checked, migration.upgrade())
    assert "bigint(20) NOT NULL DEFAULT 5 COMMENT 'c' CHECK (`n` > 3)" in shown(checked)
    run(checked, migration.rollback())
    assert shown(checked) == text


@pytest.mark.parametrize("type_", [INT, DataType("bigint")])
def test_a_columns_check_goes_and_comes_back(type_: DataType, checked: Flavour) -> None:
    former, text = inspect(checked), shown(checked)
    desired = changed(former, type=type_).without(Ref("check", "n", None, "t"))
    migration = steps(checked, former, checked.dialect.canonical(desired))
    run(checked, migration.upgrade())
    assert "CHECK" not in shown(checked)
    run(checked, migration.rollback())
    assert shown(checked) == text


def test_a_table_with_a_columns_check_comes_back_as_it_was(checked: Flavour) -> None:
    former, text = inspect(checked), shown(checked)
    migration = steps(checked, former, Schema())
    run(checked, (*migration.upgrade(), *migration.rollback()))
    assert shown(checked) == text


def test_the_models_check_is_the_columns(checked: Flavour) -> None:
    """SQLAlchemy writes an unnamed check of a column into its definition; there is nothing to do."""
    there = inspect(checked)
    members = [item for item in there.members(T) if not isinstance(item, Check)]
    desired = checked.dialect.canonical(
        Schema([table(there), *members, Check(T, None, Expression("n>3"), implicit=True)])
    )
    changes: list[Change] = list(diff(there, adopt_names(there, desired)))
    assert changes == []


# -- pure ---------------------------------------------------------------------------------------------------------


def test_names_of_tables_are_small_where_the_server_stores_them_so() -> None:
    dialect = MySQL(Server((8, 4), "mysql", settings=Options.of({"lower_case_table_names": "1"})))
    there = Ref("table", "Users")
    schema = Schema(
        [
            Table.of("Users", [Column("Id", INT)]),
            PrimaryKey(there, None, ("Id",)),
            Table.of("orders", [Column("user_id", INT)]),
            ForeignKey(Ref("table", "orders"), "fk", ("user_id",), there, ("Id",)),
        ]
    )
    done = dialect.canonical(schema)
    assert {ref.name for ref in done if ref.kind == "table"} == {"users", "orders"}
    key = done.get(Ref("foreign_key", "fk", None, "orders"))
    assert isinstance(key, ForeignKey) and key.ref_table == Ref("table", "users")
    assert dialect.canonical(done) is done


@pytest.mark.parametrize("engine", FLAVOURS)
def test_a_charset_stays_written_while_the_databases_is_not_known(engine: str) -> None:
    dialect = MySQL(FLAVOURS[engine])
    written = Options.of({"charset": "utf8mb4", "engine": "innodb"})
    done = dialect.canonical(Schema([Table.of("t", [Column("id", INT)], options=written)]))
    assert table(done).options == Options.of({"charset": "utf8mb4"})


MYSQL = Options.of({"charset": "utf8mb4", "collation": "utf8mb4_0900_ai_ci"})


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ({"charset": "utf8mb4"}, {}),
        ({"collate": "utf8mb4_0900_ai_ci"}, {}),
        ({"default_charset": "latin1"}, {"charset": "latin1"}),
        ({"charset": "utf8", "collate": "utf8_general_ci"}, {"charset": "utf8mb3"}),
        ({"collate": "utf8mb4_bin"}, {"charset": "utf8mb4", "collate": "utf8mb4_bin"}),
        ({"charset": "latin1", "collate": "latin1_bin"}, {"charset": "latin1", "collate": "latin1_bin"}),
        ({"charset": "latin1", "collate": "utf8mb4_bin"}, {"charset": "latin1"}),
    ],
)
def test_a_table_has_the_charset_that_its_options_mean(written: dict[str, str], canonical: dict[str, str]) -> None:
    dialect = MySQL(Server((8, 4), "mysql", settings=MYSQL))
    done = dialect.canonical(Schema([Table.of("t", [Column("id", INT)], options=Options.of(written))]))
    assert dict(table(done).options) == canonical
    assert dialect.canonical(done) is done


@pytest.mark.parametrize(
    ("charset", "collation", "canonical"),
    [
        ("utf8mb4", None, ({}, "utf8mb4_0900_ai_ci")),
        (None, "utf8mb4_bin", ({}, None)),
        ("latin1", None, ({"charset": "latin1"}, None)),
        (None, "latin1_bin", ({"charset": "latin1"}, "latin1_bin")),
        (None, "latin1_swedish_ci", ({"charset": "latin1"}, None)),
        ("utf8mb4", "utf8mb4_unicode_ci", ({}, "utf8mb4_unicode_ci")),
    ],
)
def test_a_column_inherits_the_collation_of_its_table(
    charset: str | None, collation: str | None, canonical: tuple[dict[str, str], str | None]
) -> None:
    dialect = MySQL(Server((8, 4), "mysql", settings=MYSQL))
    options = Options.of({"charset": charset})
    column = Column("s", DataType("varchar", ("9",)), collation=collation, options=options)
    of_table = Options.of({"charset": "utf8mb4", "collate": "utf8mb4_bin"})
    done = dialect.canonical(Schema([Table.of("t", [column], options=of_table)]))
    assert (dict(table(done).columns["s"].options), table(done).columns["s"].collation) == canonical
    assert dialect.canonical(done) is done


def test_the_server_may_name_another_default_collation() -> None:
    settings = MYSQL.with_(collations="utf8mb3=utf8mb3_bin,utf8mb4=utf8mb4_general_ci")
    dialect = MySQL(Server((8, 4), "mysql", settings=settings))
    written = Options.of({"charset": "utf8mb4"})
    done = dialect.canonical(Schema([Table.of("t", [Column("id", INT)], options=written)]))
    assert dict(table(done).options) == {"charset": "utf8mb4"}
