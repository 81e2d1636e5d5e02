"""A dialect for the tests: SQLite underneath, with other quotes, no transactional DDL, no foreign keys and no checks.

It is what the base of the dialects has to carry: everything that it does not say here is a default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from dbwarden.core.dialect import OWN_PREFIX, Connection, Features, Scope, Server
from dbwarden.core.kinds import KINDS
from dbwarden.core.lexical_rules import LexicalRules
from dbwarden.core.model import (
    Check,
    Column,
    ForeignKey,
    Index,
    IndexElement,
    Member,
    Object,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from dbwarden.core.types import DataType, Expression, Ref, parse_type
from dbwarden.dialects.base.canonical import Canonical, Columns, replace_if_changed
from dbwarden.dialects.base.dialect import BaseDialect
from dbwarden.dialects.base.names import Quoting
from dbwarden.dialects.base.renderer import Renderer

LIKE_OURS = f"m.name NOT LIKE '{OWN_PREFIX}%' AND m.name NOT LIKE 'sqlite%'"
COLUMNS = f"""SELECT m.name, p.name, p.type, p."notnull", p.dflt_value, p.pk
FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND {LIKE_OURS} ORDER BY m.rowid, p.cid"""
INDEXES = f"""SELECT m.name, l.name, l."unique", i.name
FROM sqlite_master m JOIN pragma_index_list(m.name) l JOIN pragma_index_info(l.name) i
WHERE m.type = 'table' AND l.origin = 'c' AND {LIKE_OURS} ORDER BY m.rowid, l.name, i.seqno"""


class ToyRenderer(Renderer):
    product = "Toy"
    quoting = Quoting(
        re.compile("[a-z][a-z0-9_]*"), frozenset("select from where order group table index".split()), "`"
    )


class ToyCanonical(Canonical):
    def other(self, item: Object) -> Object | None:
        return None  # tables are all there is

    def table(self, table: Table) -> Table:
        key = self.keys.get(table.ref)
        required = key.columns if key is not None else ()
        columns = {
            name: replace_if_changed(
                one, nullable=one.nullable and name not in required, comment=None, collation=None, identity=None
            )
            for name, one in table.columns.items()
        }
        unchanged = all(columns[name] is one for name, one in table.columns.items()) and table.comment is None
        return super().table(table if unchanged else Table(table.name, columns, table.schema))

    def member(self, item: Member, columns: Columns) -> Member | None:
        return None if isinstance(item, ForeignKey | Check) else super().member(item, columns)

    def key(self, key: PrimaryKey | Unique) -> Member:
        if isinstance(key, Unique):
            return Index(key.table, key.name, tuple(map(IndexElement, key.columns)), unique=True)
        return replace_if_changed(key, name=None, implicit=True)


class Toy(BaseDialect):
    name: ClassVar[str] = "toy"
    features: ClassVar[Features] = Features(
        transactional_ddl=False,
        lacks=frozenset((*KINDS, "enum_value")) - {"table", "column", "primary_key", "index"},
        table_locks=False,
    )
    lexical_rules: ClassVar[LexicalRules] = LexicalRules(identifier_quotes=("`",))
    renderer: ClassVar[Renderer] = ToyRenderer()
    own_types: ClassVar[Mapping[str, str]] = {
        "serial primary key": "INTEGER PRIMARY KEY", "double": "REAL", "timestamp": "DATETIME", "name": "VARCHAR(255)",
        "text": "TEXT", "boolean": "BOOLEAN", "integer": "INTEGER", "owner": "VARCHAR(255) NOT NULL DEFAULT ''",
    }  # fmt: skip

    def canonical(self, schema: Schema) -> Schema:
        return ToyCanonical(schema).schema()

    def from_sqlalchemy(self, type_: Any, sqlalchemy: Any = None) -> tuple[DataType, tuple[Object, ...]]:
        return parse_type(str(type_.compile())), ()

    def columns_of(self, conn: Connection, name: str) -> frozenset[str]:
        return frozenset(row[0] for row in conn.query("SELECT name FROM pragma_table_info(:name)", {"name": name}))

    def server_of(self, conn: Connection) -> Server:
        return Server((1, 0), product="Toy 1.0")

    def inspect(self, conn: Connection, scope: Scope) -> Schema:
        objects: list[Object] = []
        tables: dict[str, list[tuple[Any, ...]]] = {}
        for row in conn.query(COLUMNS):
            tables.setdefault(row[0], []).append(row)
        for name, rows in tables.items():
            columns = [
                Column(row[1], parse_type(row[2]), not row[3], Expression(row[4]) if row[4] is not None else None)
                for row in rows
            ]
            table = Table.of(name, columns)
            key = tuple(row[1] for row in sorted(rows, key=lambda row: row[5]) if row[5])
            objects += [table, *([PrimaryKey(table.ref, None, key, implicit=True)] if key else [])]
        indexes: dict[tuple[str, str, bool], list[IndexElement]] = {}
        for on, name, unique, column in conn.query(INDEXES):
            indexes.setdefault((on, name, bool(unique)), []).append(IndexElement(column))
        for (on, name, unique), elements in indexes.items():
            objects.append(Index(Ref("table", on), name, tuple(elements), unique=unique))
        return self.canonical(Schema(objects))
