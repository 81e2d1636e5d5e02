"""The kinds of changes that are measured while a table is written to: edits of the models of two tables.

Each is applied and rolled back, so that each line below is two kinds of changes, and all begin at the same models.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

MODELS = """from sqlalchemy import (
    BigInteger, CheckConstraint, Column, Computed, Enum, ForeignKey, Index, Integer, MetaData, String, Table, UniqueConstraint,
)

metadata = MetaData()
Table("sellers", metadata, Column("id", Integer, primary_key=True))
Table(
    "items", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("origin", Integer, nullable=False, server_default="0"),
    Column("serial", Integer, nullable=False, server_default="0"),
    Column("hits", Integer, nullable=False, server_default="0"),
    Column("code", String(40), nullable=False),
    Column("title", String(60)),
    Column("note", String(20), server_default="none"),
    Column("amount", Integer, server_default="1"),
    Column("seller", Integer, server_default="1"),
    Column("part", Integer, nullable=False, server_default="0"),
    Column("state", Enum("new", "paid", name="item_state"), server_default="new"),
    Index("ix_seller", "seller"),
)
Table(
    "readings", metadata,
    Column("id", Integer, primary_key=True),
    Column("origin", Integer, nullable=False, server_default="0"),
    Column("serial", Integer, nullable=False, server_default="0"),
    Column("hits", Integer, nullable=False, server_default="0"),
    Column("code", String(40), nullable=False),
    Column("title", String(60)),
    @_partition_by="RANGE (id) (PARTITION p0 VALUES LESS THAN (1000), PARTITION p1 VALUES LESS THAN (1000000000))",
)
"""
"""Models of the tables before each change; ``@`` stands for the name of the engine."""
TABLES = ("items", "readings")
"""The tables that have rows and are written to; ``readings`` is partitioned where SQLAlchemy has a keyword for that."""
_MYSQL = ("mariadb", "mysql")
EVERYWHERE = (*_MYSQL, "postgresql")
_END = '    Index("ix_seller", "seller"),\n'


@dataclass(frozen=True)
class Kind:
    """A kind of change, and what takes it back."""

    name: str
    back: str
    edits: tuple[tuple[str, str], ...]
    """Texts of the models and what stands in their place."""
    engines: tuple[str, ...] = EVERYWHERE
    flags: tuple[str, ...] = ()
    """Options of make-migrations."""
    table: str = "items"
    names: tuple[str, ...] = ()
    """Names of the table before and after, if it is renamed."""

    def models(self, engine: str) -> str:
        """The models after the change."""
        models = MODELS
        for old, new in self.edits:
            if models.count(old) != 1:
                raise ValueError(f"{self.name}: the models have {old!r} {models.count(old)} times")
            models = models.replace(old, new)
        return in_words_of(engine, models)


def in_words_of(engine: str, models: str = MODELS) -> str:
    """Models with the keywords of an engine; without partitions where SQLAlchemy has no keyword for them."""
    lines = (line for line in models.splitlines(keepends=True) if engine in _MYSQL or "PARTITION p0" not in line)
    return "".join(lines).replace("@", engine)


def _added(*lines: str) -> tuple[tuple[str, str], ...]:
    """Edits that add lines to the table."""
    return ((_END, _END + "".join(f"    {line},\n" for line in lines)),)


def _column(name: str, old: str, new: str) -> tuple[tuple[str, str], ...]:
    """Edits that give a column another definition."""
    return ((f'    Column("{name}", {old}),\n', f'    Column("{name}", {new}),\n'),)


NOTE, AMOUNT = 'String(20), server_default="none"', 'Integer, server_default="1"'
PART = 'Integer, nullable=False, server_default="0"'
KINDS = (
    Kind("add a column", "drop a column", _added('Column("extra", String(20))')),
    Kind(
        "add a column, NOT NULL with a default", "drop it",
        _added('Column("extra", Integer, nullable=False, server_default="7")'),
    ),
    Kind(
        "rename a column", "rename it back", (('Column("note",', 'Column("remark",'),), flags=("--rename", "items.note:remark"),
    ),
    Kind("change a default", "change it back", _column("note", NOTE, 'String(20), server_default="empty"')),
    Kind("drop a default", "set a default", _column("note", NOTE, "String(20)")),
    Kind(
        "VARCHAR(20) to (60): 240 bytes", "shorten a VARCHAR", _column("note", NOTE, 'String(60), server_default="none"'),
    ),
    Kind(
        "VARCHAR(20) to (200): 800 bytes", "shorten a VARCHAR across 255 bytes",
        _column("note", NOTE, 'String(200), server_default="none"'),
    ),
    Kind("INT to BIGINT", "BIGINT to INT", _column("amount", AMOUNT, 'BigInteger, server_default="1"')),
    Kind("NULL to NOT NULL", "NOT NULL to NULL", _column("amount", AMOUNT, 'Integer, nullable=False, server_default="1"')),
    Kind(
        "NULL to NOT NULL, with a value for old rows", "NOT NULL to NULL",
        _column("seller", AMOUNT, 'Integer, nullable=False, server_default="1"'), flags=("--fill", "items.seller=1"),
    ),
    Kind("add a value to an enum", "remove a value from an enum", (('"new", "paid",', '"new", "paid", "sent",'),), _MYSQL),
    Kind("comment a column", "remove its comment", _column("note", NOTE, f'{NOTE}, comment="a remark"')),
    Kind("comment a table", "remove its comment", _added('comment="what is sold"')),
    Kind("add an index", "drop an index", _added('Index("ix_title", "title")')),
    Kind("add a unique constraint", "drop it", _added('UniqueConstraint("code", name="uq_code")')),
    Kind("add a FULLTEXT index", "drop it", _added('Index("ft_title", "title", @_prefix="FULLTEXT")'), _MYSQL),
    Kind(
        "add a foreign key", "drop a foreign key",
        _column("seller", AMOUNT, 'Integer, ForeignKey("sellers.id", name="fk_seller"), server_default="1"'),
    ),
    Kind("add a check", "drop a check", _added('CheckConstraint("amount >= 0", name="ck_amount")')),
    Kind(
        "add a virtual column", "drop a virtual column",
        _added('Column("twice", Integer, Computed("amount * 2", persisted=False))'), _MYSQL,
    ),
    Kind(
        "add a stored generated column", "drop it",
        _added('Column("twice", Integer, Computed("amount * 2", persisted=True))'),
    ),
    Kind(
        "another collation of a column", "change it back",
        _column("note", NOTE, NOTE.replace("20", '20, collation="utf8mb4_bin"')), _MYSQL,
    ),
    Kind("convert a table to another character set", "convert it back", _added('@_charset="latin1"'), _MYSQL),
    Kind("another row format", "change it back", _added('@_row_format="COMPRESSED"'), _MYSQL),
    Kind("another primary key", "change it back", _column("part", PART, PART.replace("nullable=False", "primary_key=True"))),
    Kind("add a partition", "drop a partition", (
        ("LESS THAN (1000000000))", "LESS THAN (1000000000), PARTITION p2 VALUES LESS THAN (2000000000))"),
    ), _MYSQL, table="readings"),
    Kind("partition a table", "merge its partitions", _added('@_partition_by="HASH (id)"', '@_partitions="4"'), _MYSQL),
    Kind("rename a table", "rename it back", (('    "items", metadata,', '    "goods", metadata,'),),
         flags=("--rename-table", "items:goods"), names=("items", "goods")),
)  # fmt: skip


def kinds(engine: str) -> Iterator[Kind]:
    """The kinds of changes that an engine has."""
    for kind in KINDS:
        if engine in kind.engines:
            yield kind if kind.names else replace(kind, names=(kind.table,))
