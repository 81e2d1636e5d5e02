"""What MySQL and MariaDB are given to create: tables, columns, indexes and constraints, clause by clause."""

from __future__ import annotations

import pytest

from dbwarden.core.change import Add, Rename
from dbwarden.core.dialect import Server
from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    PrimaryKey,
    Schema,
    Table,
)
from dbwarden.core.options import Options
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.mysql.renderer import MySQLRenderer, for_server
from dbwarden.errors import Unsupported

T = Ref("table", "t")
INT = DataType("int")
RENDER = {name: for_server(Server(version, name)) for name, version in (("mysql", (9, 7)), ("mariadb", (10, 11)))}


@pytest.fixture(params=RENDER)
def render(request: pytest.FixtureRequest) -> MySQLRenderer:
    return RENDER[request.param]


def _options(**values: str) -> Options:
    return Options.of(dict(values))


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (Column("a", DataType("int", modifiers="unsigned"), False, identity=Identity("auto_increment")),
         "a INT UNSIGNED NOT NULL AUTO_INCREMENT"),
        (Column("select", DataType("enum", ("'a'", "'it''s'")), False, Expression("'a'")),
         "`select` ENUM('a', 'it''s') NOT NULL DEFAULT 'a'"),
        (Column("a", DataType("varchar", ("20",)), collation="latin1_bin", options=_options(charset="latin1")),
         "a VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin"),
        (Column("a", DataType("timestamp", ("6",)), default=Expression("CURRENT_TIMESTAMP(6)"),
                options=_options(on_update="CURRENT_TIMESTAMP(6)")),
         "a TIMESTAMP(6) NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)"),
        (Column("a", INT, computed=Computed(Expression("b + 1"), True), comment="c"),
         "a INT GENERATED ALWAYS AS (b + 1) STORED COMMENT 'c'"),
        (Column("a", INT, options=_options(invisible="true"), comment="it's \\ here"),
         "a INT INVISIBLE COMMENT 'it''s \\\\ here'"),
    ],
)  # fmt: skip
def test_columns(column: Column, text: str, render: MySQLRenderer) -> None:
    assert render.column(column) == text


def test_what_the_flavours_write_in_their_own_way() -> None:
    point = Column("p", DataType("point"), False, options=_options(srid="4326"))
    assert RENDER["mysql"].column(point) == "p POINT NOT NULL SRID 4326"
    assert RENDER["mariadb"].column(point) == "p POINT REF_SYSTEM_ID=4326 NOT NULL"
    required = Column("g", INT, False, computed=Computed(Expression("a"), False))
    assert RENDER["mysql"].column(required) == "g INT GENERATED ALWAYS AS (a) VIRTUAL NOT NULL"
    assert RENDER["mariadb"].column(required) == "g INT GENERATED ALWAYS AS (a) VIRTUAL"
    check = Check(T, "c", Expression("a > 0"), options=_options(not_enforced="true"))
    assert RENDER["mysql"].drop_member(check) == ("ALTER TABLE t DROP CHECK c",)
    assert RENDER["mariadb"].drop_member(check) == ("ALTER TABLE t DROP CONSTRAINT c",)
    assert RENDER["mysql"].constraint(check) == "CONSTRAINT c CHECK (a > 0) NOT ENFORCED"
    assert RENDER["mariadb"].constraint(check) == "CONSTRAINT c CHECK (a > 0)"
    hidden = Index(T, "i", (IndexElement("a"),), options=_options(invisible="true"))
    assert RENDER["mysql"].constraint(hidden) == "INDEX i (a) INVISIBLE"
    assert RENDER["mariadb"].constraint(hidden) == "INDEX i (a) IGNORED"
    by_expression = Index(T, "i", (IndexElement(None, Expression("lower(a)")),))
    assert RENDER["mysql"].constraint(by_expression) == "INDEX i ((lower(a)))"
    with pytest.raises(Unsupported, match="index a generated column instead"):
        RENDER["mariadb"].constraint(by_expression)


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (Index(T, "i", (IndexElement("a", length=10), IndexElement("b", descending=True)), unique=True),
         "UNIQUE INDEX i (a(10), b DESC)"),
        (Index(T, "i", (IndexElement("a"),), method="fulltext", options=_options(parser="ngram")),
         "FULLTEXT INDEX i (a) WITH PARSER ngram"),
        (Index(T, "i", (IndexElement("a"),), method="spatial"), "SPATIAL INDEX i (a)"),
        (Index(T, "i", (IndexElement("a"),), method="hash", comment="x"), "INDEX i USING HASH (a) COMMENT 'x'"),
    ],
)  # fmt: skip
def test_indexes(index: Index, text: str, render: MySQLRenderer) -> None:
    assert render.constraint(index) == text
    assert render.add_member(index) == (f"ALTER TABLE t ADD {text}",)


def test_a_table_is_one_statement(render: MySQLRenderer) -> None:
    options = _options(engine="InnoDB", charset="latin1", data_directory="/x", partition_by="HASH (id) PARTITIONS 4")
    table = Table.of("t", [Column("id", INT, False), Column("o", INT)], comment="c", options=options)
    members = (
        ForeignKey(T, "fk", ("o",), Ref("table", "other"), ("id",), on_delete="set null"),
        Index(T, "fk", (IndexElement("o"),), implicit=True),
        Check(T, "ck", Expression("o > 0")),
        PrimaryKey(T, None, ("id",)),
    )
    assert render.statements(Add(table, parts=members), Schema(), Schema()) == (
        "CREATE TABLE t (\n"
        "    id INT NOT NULL,\n"
        "    o INT,\n"
        "    PRIMARY KEY (id),\n"
        "    INDEX fk (o),\n"
        "    CONSTRAINT ck CHECK (o > 0),\n"
        "    CONSTRAINT fk FOREIGN KEY (o) REFERENCES other (id) ON DELETE SET NULL\n"
        ") ENGINE=InnoDB DEFAULT CHARSET=latin1 DATA DIRECTORY='/x' COMMENT='c'\n"
        "PARTITION BY HASH (id) PARTITIONS 4",
    )


def test_renames(render: MySQLRenderer) -> None:
    def renamed(kind: str, table: str | None = None) -> tuple[str, ...]:
        change = Rename(Ref(kind, "a", None, table), Ref(kind, "b", None, table))
        return render.statements(change, Schema(), Schema())

    assert renamed("table") == ("RENAME TABLE a TO b",)
    assert renamed("column", "t") == ("ALTER TABLE t RENAME COLUMN a TO b",)
    assert renamed("index", "t") == ("ALTER TABLE t RENAME INDEX a TO b",)
    with pytest.raises(Unsupported):
        renamed("check", "t")


def test_literals_mean_the_same_where_backslashes_do_not_escape() -> None:
    plain = for_server(Server((8, 4), "mysql", settings=_options(sql_mode="ANSI,NO_BACKSLASH_ESCAPES")))
    column = Column("a", DataType("varchar", ("9",)), default=Expression(r"'it\'s \\'"), comment="\\")
    assert plain.column(column) == r"a VARCHAR(9) DEFAULT 'it''s \' COMMENT '\'"
    assert RENDER["mysql"].column(column) == r"a VARCHAR(9) DEFAULT 'it\'s \\' COMMENT '\\'"


def test_other_databases_are_refused(render: MySQLRenderer) -> None:
    with pytest.raises(Unsupported, match="the database of the URL only"):
        render.of(Ref("table", "t", "elsewhere"))
