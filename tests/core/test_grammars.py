"""Real statements of engines that differ most from the standard, read by grammars that are made of the shared rows."""

from __future__ import annotations

import pytest

from dbwarden.core.ddl import clauses
from dbwarden.core.ddl import parse as reader
from dbwarden.core.ddl.parse import Grammar, parse
from dbwarden.core.ddl.simulated_schema import SimulatedSchema
from dbwarden.core.ddl.statements import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterTable,
    ChangeType,
    ColumnText,
    CreateIndex,
    CreateObject,
    CreateTable,
    Delete,
    DropColumn,
    DropConstraint,
    DropObject,
    DropTable,
    Insert,
    OtherClause,
    RenameColumn,
    RenameConstraint,
    RenameTable,
    Statement,
    Truncate,
    Update,
)
from dbwarden.core.ddl.vocabulary import Vocabulary
from dbwarden.core.lexical_rules import Bodies, LexicalRules
from dbwarden.core.sqltext import split
from dbwarden.core.types import Ref

MYSQL = Grammar(
    LexicalRules(
        identifier_quotes=("`",),
        string_quotes=("'", '"'),
        backslash_escapes=True,
        line_comments=("--", "#"),
        dash_comment_needs_space=True,
        conditional_comments=True,
        bodies=Bodies.BLOCK,
        delimiter_command=True,
    ),
    more={"RENAME": clauses.rename_tables},
    clauses={
        "ADD": clauses.add,
        "DROP": clauses.drop,
        "ALTER": clauses.alter_part,
        "MODIFY": clauses.modify,
        "CHANGE": clauses.change,
        "RENAME": clauses.rename,
    },
    vocabulary=Vocabulary(
        elements=frozenset(("KEY", "INDEX", "FULLTEXT", "SPATIAL")),
        after_type=frozenset(("CHARSET", "VISIBLE", "INVISIBLE", "AFTER", "FIRST")),
        table_clauses=("ENGINE", "DEFAULT CHARSET", "CHARSET", "COLLATE", "COMMENT", "AUTO_INCREMENT", "PARTITION BY"),
        kinds={("EVENT",): "event"},
    ),
    attributes=clauses.skip_definer,
)
CLICKHOUSE = Grammar(
    LexicalRules(
        identifier_quotes=('"', "`"),
        backslash_escapes=True,
        backslash_identifiers=True,
        line_comments=("--", "#!", "# "),
    ),
    more={"RENAME": clauses.rename_tables},
    clauses={"ADD": clauses.add, "DROP": clauses.drop, "MODIFY": clauses.modify, "DETACH": clauses.other},
    mutations={"UPDATE": clauses.update_rows, "DELETE": clauses.delete_rows},
    vocabulary=Vocabulary(
        elements=frozenset(("INDEX", "PROJECTION")),
        after_type=frozenset(("CODEC", "TTL", "MATERIALIZED", "ALIAS", "EPHEMERAL", "STATISTICS", "SETTINGS")),
        table_clauses=("ENGINE", "ORDER BY", "PARTITION BY", "PRIMARY KEY", "SAMPLE BY", "TTL", "SETTINGS", "COMMENT"),
        kinds={("DICTIONARY",): "dictionary"},
    ),
    ignored=("ON", "CLUSTER"),
)
T = Ref("table", "t")


def mysql(sql: str) -> Statement:
    return parse(sql, MYSQL)


def clickhouse(sql: str) -> Statement:
    return parse(sql, CLICKHOUSE)


def changes(statement: Statement) -> tuple[Statement, ...]:
    assert isinstance(statement, AlterTable)
    return statement.clauses


# -- MySQL and MariaDB ----------------------------------------------------------------------------------------------

ORDERS = """CREATE TABLE IF NOT EXISTS `shop`.`order lines` ( # a comment; it isn't "one"
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `key` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT 'it\\'s, (new)',
  state ENUM('new', "paid, or not") NOT NULL DEFAULT 'new' COMMENT 'a, b',
  changed datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  total decimal(10,2) GENERATED ALWAYS AS (price * 2) STORED,
  /*!80023 hidden int INVISIBLE, */
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_key` (`key`(10)),
  KEY ix_state (state, changed DESC) USING BTREE,
  FULLTEXT KEY ft (`key`),
  CONSTRAINT fk FOREIGN KEY (`id`) REFERENCES orders (id) ON DELETE CASCADE
) ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4 COMMENT='x; y' PARTITION BY HASH (id) PARTITIONS 4"""


def test_a_table_of_mysql() -> None:
    table = mysql(ORDERS)
    assert isinstance(table, CreateTable) and table.if_not_exists
    assert table.table == Ref("table", "order lines", "shop")
    types = {column.name: column.type for column in table.columns}
    assert types == {
        "id": "bigint unsigned",
        "key": "varchar(20)",
        "state": "ENUM('new', \"paid, or not\")",
        "changed": "datetime(6)",
        "total": "decimal(10, 2)",
        "hidden": "int",
    }
    key, state = table.columns[1:3]
    assert (key.not_null, key.default) == (True, "'it\\'s, (new)'")
    assert table.columns[3].default == "CURRENT_TIMESTAMP(6)"
    assert [column.name for column in table.columns if column.generated] == ["id", "total"]
    assert state.allowed == ("new", "paid, or not")
    members = [(one.kind, one.name, one.columns) for one in table.constraints]
    assert members == [
        ("primary key", None, ("id",)),
        ("unique", "uq_key", ("key",)),
        ("index", "ix_state", ("state", "changed")),
        ("index", "ft", ("key",)),
        ("foreign key", "fk", ("id",)),
    ]
    assert table.options() == {
        "ENGINE": "InnoDB",
        "AUTO_INCREMENT": "5",
        "DEFAULT CHARSET": "utf8mb4",
        "COMMENT": "'x; y'",
        "PARTITION BY": "HASH(id) PARTITIONS 4",
    }


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        (
            "MODIFY COLUMN a int unsigned NOT NULL FIRST",
            (ChangeType(T, "a", "int unsigned", None, ColumnText("a", "int unsigned", not_null=True, position="FIRST")),),
        ),
        ("CHANGE `a` b text", (RenameColumn(T, "a", "b"), ChangeType(T, "b", "text", None, ColumnText("b", "text")))),
        ("CHANGE a a text", (ChangeType(T, "a", "text", None, ColumnText("a", "text")),)),
        ("ADD INDEX ix (a, b(5))", (CreateIndex(T, "ix", ("a", "b")),)),
        ("ADD FULLTEXT KEY (a)", (CreateIndex(T, None, ("a",), method="FULLTEXT"),)),
        ("ADD COLUMN (a int, b int)", (AddColumn(T, ColumnText("a", "int")), AddColumn(T, ColumnText("b", "int")))),
        ("ADD a int AFTER b", (AddColumn(T, ColumnText("a", "int", position="AFTER", after="b")),)),
        ("DROP INDEX ix", (DropConstraint(T, "ix", kind="index"),)),
        ("DROP KEY `my key`", (DropConstraint(T, "my key", kind="index"),)),
        ("DROP PRIMARY KEY", (DropConstraint(T, "PRIMARY", kind="primary key"),)),
        ("DROP FOREIGN KEY fk", (DropConstraint(T, "fk", kind="foreign key"),)),
        ("DROP CHECK c", (DropConstraint(T, "c", kind="check"),)),
        ("DROP a", (DropColumn(T, "a"),)),
        ("DROP PARTITION p1, ALGORITHM=INPLACE", (OtherClause(T, ("DROP", "PARTITION", "P1")), OtherClause(T, ("ALGORITHM",)))),
        ("RENAME INDEX a TO b", (RenameConstraint(T, "a", "b", "index"),)),
        ("RENAME COLUMN a TO b", (RenameColumn(T, "a", "b"),)),
        ("RENAME u", (RenameTable(T, Ref("table", "u")),)),
        ("RENAME AS s.u", (RenameTable(T, Ref("table", "u", "s")),)),
        ("ALTER a SET DEFAULT 5", (AlterColumn(T, "a", ("SET", "DEFAULT")),)),
        ("ALTER INDEX ix INVISIBLE", (OtherClause(T, ("ALTER", "INDEX", "IX", "INVISIBLE")),)),
        ("ENGINE=InnoDB, LOCK=NONE", (OtherClause(T, ("ENGINE",)), OtherClause(T, ("LOCK",)))),
    ],
)  # fmt: skip
def test_clauses_of_mysql(clause: str, expected: tuple[Statement, ...]) -> None:
    assert changes(mysql(f"ALTER TABLE t {clause}")) == expected
    assert changes(mysql(f"alter# it's\ntable t /* ; */{clause}")) == expected


def test_a_unique_key_of_mysql_has_its_name() -> None:
    (added,) = changes(mysql("ALTER TABLE t ADD UNIQUE KEY uq (a)"))
    assert isinstance(added, AddConstraint)
    assert (added.constraint.kind, added.constraint.name, added.constraint.columns) == ("unique", "uq", ("a",))


def test_other_statements_of_mysql() -> None:
    renamed = mysql("RENAME TABLE a TO b, s.c TO d")
    assert renamed.actions == (
        RenameTable(Ref("table", "a"), Ref("table", "b")),
        RenameTable(Ref("table", "c", "s"), Ref("table", "d", "s")),
    )
    view = mysql("CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`root`@`%` SQL SECURITY INVOKER VIEW v AS SELECT 1")
    assert view == CreateObject("view", Ref("view", "v"), repeatable=True)
    event = mysql("CREATE DEFINER=CURRENT_USER() EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t")
    assert event == CreateObject("event", Ref("event", "e"))
    assert mysql("DROP INDEX ix ON t") == DropObject("index", (Ref("index", "ix", None, "t"),), T)
    assert mysql("UPDATE t JOIN u ON t.id = u.id SET t.a = 1") == Update(T, False, ("a",))
    assert mysql("INSERT IGNORE INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = 2") == Insert(T, ("a",))
    assert mysql("CREATE FULLTEXT INDEX ft ON t (a)") == CreateIndex(T, "ft", ("a",))
    assert mysql("CREATE OR REPLACE TABLE t (a int)") == CreateTable(T, replaces=True)


def test_the_client_s_delimiter_is_no_statement() -> None:
    sql = "DELIMITER //\nCREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a = 1; END//\nDELIMITER ;\nDROP TABLE t;"
    trigger, drop = (mysql(one.text) for one in split(sql, MYSQL.lexical_rules))
    assert trigger == CreateObject("trigger", Ref("trigger", "x", None, "t"), T)
    assert drop == DropTable(T)


def test_indexes_of_mysql_are_in_the_running_schema() -> None:
    schema = SimulatedSchema()
    schema.apply(mysql(ORDERS))
    lines = Ref("table", "order lines", "shop")
    assert schema.indexed(lines, ["state"]) and not schema.indexed(lines, ["total"])
    schema.apply(mysql("ALTER TABLE shop.`order lines` MODIFY `key` text, RENAME TO shop.ol"))
    changed = schema.column(Ref("table", "ol", "shop"), "KEY")
    assert changed is not None and (changed.type, changed.not_null) == ("text", False)
    assert schema.names["ix_state"] == Ref("index", "ix_state", "shop", "ol")


# -- ClickHouse -----------------------------------------------------------------------------------------------------

EVENTS = """CREATE TABLE IF NOT EXISTS db.events ON CLUSTER '{cluster}' (
  id UUID DEFAULT generateUUIDv4(),
  kind LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
  state Enum8('new' = 1, 'it\\'s' = 2),
  at DateTime64(3, 'UTC') TTL at + INTERVAL 1 DAY,
  tags Map(String, Array(Tuple(UInt8, String))),
  day Date MATERIALIZED toDate(at),
  INDEX ix kind TYPE bloom_filter GRANULARITY 4,
  PROJECTION p (SELECT kind, count() GROUP BY kind),
  CONSTRAINT positive CHECK id > 0
) ENGINE = ReplicatedMergeTree('/clickhouse/{shard}', '{replica}')
PARTITION BY toYYYYMM(at) ORDER BY (kind, at) PRIMARY KEY kind TTL at + INTERVAL 1 YEAR SETTINGS index_granularity = 8192"""


def test_a_table_of_clickhouse() -> None:
    table = clickhouse(EVENTS)
    assert isinstance(table, CreateTable) and table.if_not_exists
    assert table.table == Ref("table", "events", "db")
    assert {column.name: column.type for column in table.columns} == {
        "id": "UUID",
        "kind": "LowCardinality(Nullable(String))",
        "state": "Enum8('new' = 1, 'it\\'s' = 2)",
        "at": "DateTime64(3, 'UTC')",
        "tags": "Map(String, Array(Tuple(UInt8, String)))",
        "day": "Date",
    }
    assert [(one.kind, one.name) for one in table.constraints] == [("index", "ix"), ("check", "positive")]
    options = table.options()
    assert options["ENGINE"] == "ReplicatedMergeTree('/clickhouse/{shard}', '{replica}')"
    assert (options["ORDER BY"], options["PARTITION BY"]) == ("(kind, at)", "toYYYYMM(at)")
    assert (options["PRIMARY KEY"], options["SETTINGS"]) == ("kind", "index_granularity = 8192")


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        (
            "ADD COLUMN IF NOT EXISTS a UInt8 DEFAULT 1 CODEC(NONE) AFTER b",
            (AddColumn(T, ColumnText("a", "UInt8", default="1", position="AFTER", after="b"), True),),
        ),
        ("ADD INDEX ix a TYPE minmax", (CreateIndex(T, "ix"),)),
        ("DROP INDEX ix", (DropConstraint(T, "ix", kind="index"),)),
        ("MODIFY COLUMN a Nullable(String)", (ChangeType(T, "a", "Nullable(String)", None, ColumnText("a", "Nullable(String)")),)),
        ("MODIFY COLUMN a REMOVE TTL", (AlterColumn(T, "a", ("REMOVE", "TTL")),)),
        ("MODIFY ORDER BY (a, b)", (OtherClause(T, ("MODIFY", "ORDER", "BY")),)),
        ("MODIFY SETTING a = 1", (OtherClause(T, ("MODIFY", "SETTING", "A")),)),
        ("DROP PARTITION '2020'", (OtherClause(T, ("DROP", "PARTITION")),)),
        ("DETACH PARTITION '2020'", (OtherClause(T, ("DETACH", "PARTITION")),)),
        ("CLEAR COLUMN a IN PARTITION 1", (OtherClause(T, ("CLEAR", "COLUMN", "A", "IN", "PARTITION")),)),
        ("RENAME COLUMN a TO b, DROP COLUMN c", (RenameColumn(T, "a", "b"), DropColumn(T, "c"))),
    ],
)  # fmt: skip
def test_clauses_of_clickhouse(clause: str, expected: tuple[Statement, ...]) -> None:
    assert changes(clickhouse(f"ALTER TABLE t {clause}")) == expected
    assert changes(clickhouse(f"ALTER TABLE t ON CLUSTER `my cluster` {clause}")) == expected


def test_mutations_of_clickhouse_change_rows() -> None:
    sql = "ALTER TABLE t ON CLUSTER c UPDATE a = f(1, 2), b = 2 WHERE id IN (1, 2), DELETE WHERE 1, DROP COLUMN d"
    statement = clickhouse(sql)
    assert isinstance(statement, AlterTable)
    assert statement.clauses == (DropColumn(T, "d"),)
    assert list(statement.parts)[1:] == [Update(T, True, ("a", "b")), Delete(T, False)]
    (partition,) = list(clickhouse("ALTER TABLE t DELETE IN PARTITION '2020' WHERE id = 1").parts)[1:]
    assert partition == Delete(T, True)


def test_other_statements_of_clickhouse() -> None:
    assert clickhouse("DROP TABLE IF EXISTS t ON CLUSTER c SYNC") == DropTable(T, (), True)
    assert clickhouse("TRUNCATE TABLE IF EXISTS db.t ON CLUSTER c") == Truncate((Ref("table", "t", "db"),))
    assert clickhouse("RENAME TABLE a TO b ON CLUSTER c").actions == (
        RenameTable(Ref("table", "a"), Ref("table", "b")),
    )
    view = clickhouse("CREATE MATERIALIZED VIEW IF NOT EXISTS v ON CLUSTER c TO db.t AS SELECT 1")
    assert view == CreateObject("materialized_view", Ref("materialized_view", "v"), repeatable=True)
    dictionary = clickhouse(
        "CREATE OR REPLACE DICTIONARY db.d (id UInt64) PRIMARY KEY id SOURCE(NULL()) LAYOUT(FLAT())"
    )
    assert dictionary == CreateObject("dictionary", Ref("dictionary", "d", "db"), repeatable=True)
    assert clickhouse("DELETE FROM t ON CLUSTER c WHERE id = 1") == Delete(T, True)


def test_a_name_that_looks_like_ignored_words_stays() -> None:
    (index,) = clickhouse("CREATE INDEX cluster ON t (a)").actions
    assert index == CreateIndex(T, "cluster", ("a",))
    assert reader.cursor_at("ON a CLUSTER b", CLICKHOUSE).words() == ("ON", "A", "CLUSTER", "B")
