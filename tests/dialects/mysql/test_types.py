"""Types: what SQLAlchemy emits, what the servers report of it, and the attributes that belong to the column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.dialects.mysql import mariadb

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Dialect, Server
from dbwarden.core.model import Column, Schema, Table
from dbwarden.core.options import Options
from dbwarden.core.types import DataType
from dbwarden.dialects.mysql.charsets import charset_of, default_collation, full_collation
from dbwarden.dialects.mysql.dialect import MySQL
from dbwarden.dialects.mysql.types import canonical_type, declared_type, has, parse
from dbwarden.errors import Unsupported
from dbwarden.models.emit import Emitter
from tests.servers import engine_url

FLAVOURS = ("mysql", "mariadb")
LIVE = Options.of({"charset": "utf8mb4"})
"""Settings that a server has said."""
SERVERS = {"mysql": Server((8, 4), "mysql"), "mariadb": Server((10, 11), "mariadb")}


class Amount(sa.types.TypeDecorator[Any]):
    impl = sa.Numeric(12, 4)
    cache_ok = True


GENERIC: dict[str, Callable[[], Any]] = {
    "boolean": sa.Boolean, "smallint": sa.SmallInteger, "integer": sa.Integer, "bigint": sa.BigInteger,
    "numeric": sa.Numeric, "numeric_5": lambda: sa.Numeric(5), "numeric_10_2": lambda: sa.Numeric(10, 2),
    "float": sa.Float, "float_24": lambda: sa.Float(24), "float_53": lambda: sa.Float(53), "double": sa.Double,
    "real": sa.REAL, "decimal": lambda: sa.DECIMAL(65, 30), "string": lambda: sa.String(255), "char": sa.CHAR,
    "char_3": lambda: sa.CHAR(3), "nchar": lambda: sa.NCHAR(3), "nvarchar": lambda: sa.NVARCHAR(30),
    "unicode": lambda: sa.Unicode(20), "text": sa.Text, "text_10": lambda: sa.Text(10), "text_300": lambda: sa.Text(300),
    "text_70000": lambda: sa.Text(70000), "unicode_text": sa.UnicodeText, "blob": sa.LargeBinary,
    "blob_300": lambda: sa.LargeBinary(300), "blob_70000": lambda: sa.LargeBinary(70000), "binary": lambda: sa.BINARY(16),
    "varbinary": lambda: sa.VARBINARY(300), "date": sa.Date, "time": sa.Time, "datetime": sa.DateTime,
    "zoned": lambda: sa.DateTime(timezone=True), "timestamp": sa.TIMESTAMP, "interval": sa.Interval, "json": sa.JSON,
    "uuid": sa.Uuid, "uuid_text": lambda: sa.Uuid(native_uuid=False), "pickle": sa.PickleType,
    "enum": lambda: sa.Enum("a", "it's", "back\\slash", "blank ", '"', "%", "ü", name="e"),
    "enum_text": lambda: sa.Enum("a", "longest", name="e", native_enum=False), "decorated": Amount,
    "variant": lambda: sa.Text().with_variant(sa.String(9), "mysql", "mariadb"),
    "collated": lambda: sa.String(9, collation="utf8mb4_bin"),
}  # fmt: skip
OWN: dict[str, Callable[[], Any]] = {
    "tinyint": mysql.TINYINT, "tinyint_1": lambda: mysql.TINYINT(1), "tinyint_4": lambda: mysql.TINYINT(4, unsigned=True),
    "boolean_unsigned": lambda: mysql.TINYINT(1, unsigned=True), "mediumint": lambda: mysql.MEDIUMINT(9),
    "int_11": lambda: mysql.INTEGER(11), "unsigned": lambda: mysql.INTEGER(unsigned=True),
    "zerofill": lambda: mysql.INTEGER(5, zerofill=True), "zerofill_default": lambda: mysql.BIGINT(zerofill=True),
    "bigint_unsigned": lambda: mysql.BIGINT(20, unsigned=True), "bit": mysql.BIT, "bit_8": lambda: mysql.BIT(8),
    "decimal_unsigned": lambda: mysql.DECIMAL(8, 3, unsigned=True), "numeric_zerofill": lambda: mysql.NUMERIC(4, zerofill=True),
    "float_7_4": lambda: mysql.FLOAT(7, 4), "double_10_3": lambda: mysql.DOUBLE(10, 3, unsigned=True),
    "real": lambda: mysql.REAL(10, 3), "tinytext": mysql.TINYTEXT, "mediumtext": mysql.MEDIUMTEXT, "longtext": mysql.LONGTEXT,
    "tinyblob": mysql.TINYBLOB, "mediumblob": mysql.MEDIUMBLOB, "longblob": mysql.LONGBLOB,
    "time_3": lambda: mysql.TIME(fsp=3), "datetime_6": lambda: mysql.DATETIME(fsp=6),
    "timestamp_6": lambda: mysql.TIMESTAMP(fsp=6), "year": mysql.YEAR, "year_4": lambda: mysql.YEAR(4),
    "set": lambda: mysql.SET("a", "it's", "c"), "latin": lambda: mysql.VARCHAR(20, charset="latin1"),
    "latin_text": lambda: mysql.TEXT(300, charset="latin1"), "latin_bin": lambda: mysql.CHAR(9, charset="latin1", binary=True),
    "ascii": lambda: mysql.VARCHAR(20, ascii=True), "ucs2": lambda: mysql.VARCHAR(20, unicode=True),
    "both": lambda: mysql.VARCHAR(20, charset="latin1", collation="latin1_german1_ci"),
    "binary_attribute": lambda: mysql.VARCHAR(20, binary=True), "national": lambda: mysql.VARCHAR(20, national=True),
    "national_bin": lambda: mysql.CHAR(20, national=True, binary=True), "bytes": lambda: mysql.VARCHAR(20, charset="binary"),
    "text_bytes": lambda: mysql.MEDIUMTEXT(charset="binary"), "enum_latin": lambda: mysql.ENUM("a", charset="latin1"),
    "old_name": lambda: mysql.VARCHAR(20, charset="utf8"),
}  # fmt: skip
MARIADB: dict[str, Callable[[], Any]] = {"inet4": mariadb.INET4, "inet6": mariadb.INET6, "uuid_native": sa.UUID}

REPORTED = """SELECT column_name, column_type, character_set_name, collation_name FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = 't' ORDER BY ordinal_position"""


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_sqlalchemy_emits_is_what_the_server_reports(flavour: str, request: pytest.FixtureRequest) -> None:
    """``create_all`` for every type of SQLAlchemy, through the application's own driver."""
    url: str = request.getfixturevalue(f"{flavour}_url")
    types = {
        **GENERIC,
        **{f"own_{name}": make for name, make in OWN.items()},
        **(MARIADB if flavour == "mariadb" else {}),
    }
    metadata = sa.MetaData()
    table = sa.Table("t", metadata, *(sa.Column(name, make()) for name, make in types.items()))
    engine = sa.create_engine(engine_url(url), poolclass=sa.NullPool)
    metadata.create_all(engine)
    with connect(url) as conn:
        dialect = dialects.get(flavour)
        dialect = dialect.for_server(dialect.server_of(conn))
        sqlalchemy = Emitter(dialect, f"{flavour}+pymysql").dialect
        (database,) = conn.query("SELECT @@character_set_database, @@collation_database")
        wrong = {}
        for name, reported, *text in conn.query(REPORTED):
            read = dialect.from_sqlalchemy(table.c[name].type, sqlalchemy)[0]
            attributes = dialect.column_attributes(table.c[name].type, sqlalchemy)
            assert attributes is not None
            charset = attributes.options.get("charset") or charset_of(attributes.collation or "") or str(database[0])
            expected = canonical_type(read, dialect.server, charset)
            if str(reported) == "longtext" and expected.name == "json":
                continue  # MariaDB; its CHECK says that it is JSON
            if canonical_type(parse(str(reported)), dialect.server) != expected:
                wrong[name] = (expected, reported)
            if text[0] is not None and text != [charset, collation(attributes.collation, charset, database, dialect)]:
                wrong[name] = (charset, attributes, text)
    engine.dispose()
    assert not wrong


def collation(written: str | None, charset: str, database: Any, dialect: Dialect) -> str:
    if written is not None:
        return full_collation(written, charset)
    return str(database[1]) if charset == database[0] else default_collation(charset, dialect.server)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("int(11)", "int"), ("INTEGER", "int"), ("int(10) unsigned", "int unsigned"), ("int zerofill", "int(10) unsigned zerofill"),
        ("tinyint(1)", "tinyint(1)"), ("tinyint(1) unsigned", "tinyint unsigned"), ("bool", "tinyint(1)"), ("year(4)", "year"),
        ("dec", "decimal(10,0)"), ("fixed(5)", "decimal(5,0)"), ("real", "double"), ("float(25)", "double"),
        ("float(7,4)", "float(7,4)"),
        ("character varying(20)", "varchar(20)"), ("NATIONAL CHARACTER VARYING(20)", "varchar(20)"), ("char", "char(1)"),
        ("CHAR(3) BYTE", "binary(3)"), ("char character set latin1", "char(1)"), ("long varchar", "mediumtext"),
        ("text(10)", "tinytext"), ("TEXT(64)", "text"), ("blob(70000)", "mediumblob"),
        ("double precision unsigned", "double unsigned"),
        ("datetime(0)", "datetime"), ("time(3)", "time(3)"), ("enum('it''s', \"b\", 'c  ')", "enum('it''s','b','c')"),
        (r"set('b\\c','\'')", r"set('b\\c','''')"), ("geomcollection", "geometrycollection"), ("point srid 4326", "point"),
        ("point REF_SYSTEM_ID=4326", "point"), ("serial", "bigint unsigned"), ("money(3)", "money(3)"),
        ("varchar(9) /*M!100301 COMPRESSED*/", "varchar(9) compressed"), ("text /*M!100301 COMPRESSED*/", "text compressed"),
    ],
)  # fmt: skip
def test_spellings_of_one_type(text: str, canonical: str, flavour: str) -> None:
    datatype = canonical_type(parse(text), SERVERS[flavour])
    assert str(datatype) == canonical
    assert canonical_type(datatype, SERVERS[flavour]) == datatype
    assert canonical_type(parse(canonical), SERVERS[flavour]) == datatype


def test_the_length_of_a_text_counts_characters() -> None:
    server = SERVERS["mysql"]
    assert canonical_type(parse("text(100)"), server, "latin1") == DataType("tinytext")
    assert canonical_type(parse("text(100)"), server, "utf8mb4") == DataType("text")


@pytest.mark.parametrize(
    ("text", "charset", "collation"),
    [
        ("VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin", "latin1", "latin1_bin"), ("TEXT CHARSET utf8", "utf8mb3", None),
        ("CHAR(3) ASCII", "latin1", None), ("VARCHAR(3) UNICODE", "ucs2", None), ("NATIONAL VARCHAR(3)", "utf8mb3", None),
        ("TEXT COLLATE utf8_general_ci", None, "utf8mb3_general_ci"), ("ENUM('collate x') CHARACTER SET 'latin1'", "latin1", None),
        ("INT", None, None),
    ],
)  # fmt: skip
def test_charset_and_collation_in_a_type(text: str, charset: str | None, collation: str | None) -> None:
    declared = declared_type(text)
    assert (declared.charset, declared.collation) == (charset, collation)


def test_what_else_a_type_says_of_its_column() -> None:
    assert declared_type("POINT NOT NULL SRID 4326")[1:] == (None, None, False, "4326", True)
    assert declared_type("VARCHAR(20) BINARY").binary
    assert not declared_type("BINARY(20)").binary


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("type_", [postgresql.TSVECTOR(), sa.ARRAY(sa.Integer), postgresql.JSONB()])
def test_a_type_of_another_engine(type_: Any, flavour: str) -> None:
    with pytest.raises(Unsupported, match=type(type_).__name__) as raised:
        dialects.get(flavour).from_sqlalchemy(type_)
    assert f"with_variant(..., '{flavour}')" in str(raised.value.hint)
    assert "sqlalche.me" not in str(raised.value)


def test_a_type_that_the_server_does_not_have() -> None:
    with pytest.raises(Unsupported, match="INET6"):
        dialects.get("mysql").from_sqlalchemy(mariadb.INET6())
    old = dialects.get("mariadb").for_server(Server((10, 6), "mariadb", settings=LIVE))
    with pytest.raises(Unsupported, match="INET4"):
        old.from_sqlalchemy(mariadb.INET4())
    assert old.types.get("uuid") is None
    assert dialects.get("mariadb").types.get("uuid") is not None
    assert has("vector", Server((9, 7), "mysql", settings=LIVE))
    assert not has("vector", Server((8, 4), "mysql", settings=LIVE))


@pytest.mark.parametrize(("flavour", "version"), [("mysql", "MySQL 9.0"), ("mariadb", "MariaDB 11.7")])
def test_a_type_of_a_later_version_than_the_assumed_one(flavour: str, version: str) -> None:
    """Without a server, a type is taken, and the version that it needs is named."""
    dialect = dialects.get(flavour)
    assert isinstance(dialect, MySQL)
    columns = Column("id", DataType("int")), Column("embedding", dialect.parse_type("VECTOR(3)"))
    schema = Schema((Table.of("t", columns),))
    assert has("vector", dialect.server)
    note = f"t.embedding is VECTOR, which needs {version} or later: no server was asked for its version."
    assert list(dialect.version_notes(schema)) == [note]
    assert not list(dialect.for_server(replace(dialect.server, settings=LIVE)).version_notes(schema))


def test_default_collations_follow_the_version() -> None:
    assert default_collation("utf8", Server((8, 4), "mysql")) == "utf8mb3_general_ci"
    assert default_collation("utf8mb4", Server((11, 8), "mariadb")) == "utf8mb4_uca1400_ai_ci"
    assert default_collation("utf8mb4", Server((10, 11), "mariadb")) == "utf8mb4_general_ci"
    assert full_collation("uca1400_ai_ci", "utf8mb4") == "utf8mb4_uca1400_ai_ci"
