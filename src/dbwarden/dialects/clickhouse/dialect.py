"""ClickHouse as a ``Dialect``; each method delegates to a module of this package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from dbwarden.core.dialect import ColumnAttributes, Connection, Features, Scope, Server
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.sqltext import LexicalRules
from dbwarden.dialects.base.deferred import deferred
from dbwarden.dialects.base.dialect import BaseDialect

from . import words

if TYPE_CHECKING:
    from dbwarden.core.model import Object, Schema
    from dbwarden.core.store import LockCell
    from dbwarden.core.type_table import TypeTable
    from dbwarden.core.types import DataType

    from . import history, inspect, lock, types
else:
    globals().update(deferred(__package__, "history inspect lock types"))

FEATURES = Features(
    transactional_ddl=False,
    row_counts=False,
    late_binding=True,
    local_settings=False,
    now="now64(6, 'UTC')",
    lacks=frozenset(
        "extension namespace enum enum_value domain composite_type sequence procedure event partition foreign_table"
        " primary_key unique foreign_key exclude trigger rule policy row_security statistics publication"
        " publication_table security_label grant virtual_table shadow_table".split()
    ),
    renames=frozenset(("table", "column", "view", "materialized_view")),
    shared_names=(frozenset(("table", "view", "materialized_view")),),
)

OWN_TYPES = {
    "integer": "Int64",
    "double": "Float64",
    "timestamp": "DateTime64(6, 'UTC')",
    "name": "String",
    "text": "String",
    "boolean": "Bool",
    "owner": "String",
}


@dataclass(frozen=True)
class ClickHouse(BaseDialect):
    """Dialect of ClickHouse 23.3 and later, and of chDB; the newest version if the server is not known."""

    name: ClassVar[str] = "clickhouse"
    features: ClassVar[Features] = FEATURES
    lexical_rules: ClassVar[LexicalRules] = words.LEXICAL_RULES
    own_types: ClassVar[Mapping[str, str]] = OWN_TYPES

    @property
    def types(self) -> TypeTable:
        return types.TYPES

    def canonical(self, schema: Schema) -> Schema:
        return schema

    def parse_type(self, text: str) -> DataType:
        return types.parse(text)

    def from_sqlalchemy(self, type_: Any, sqlalchemy: Any = None) -> tuple[DataType, tuple[Object, ...]]:
        return types.from_sqlalchemy(type_, sqlalchemy), ()

    def column_attributes(self, type_: Any, sqlalchemy: Any) -> ColumnAttributes:
        return ColumnAttributes()

    def history_ddl(self, table: str, tables: OwnTables) -> tuple[str, ...]:
        return history.history_ddl(table, tables, OWN_TYPES)

    def lock_cell(self, conn: Connection, tables: OwnTables) -> LockCell:
        return lock.ClickHouseLock(conn, tables, self.server)

    def columns_of(self, conn: Connection, name: str) -> frozenset[str]:
        return inspect.columns_of(conn, name)

    def inspect(self, conn: Connection, scope: Scope) -> Schema:
        return inspect.inspect(conn, scope, self.server)

    def server_of(self, conn: Connection) -> Server:
        return inspect.server_of(conn)


def create(_engine: str) -> ClickHouse:
    """The dialect for an engine of ``core.engine``."""
    return ClickHouse()
