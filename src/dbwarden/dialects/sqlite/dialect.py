"""SQLite as a ``Dialect``; each method delegates to a module of this package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from dbwarden.core.dialect import Features, Server
from dbwarden.core.own_tables import UNCLAIMED, OwnTables
from dbwarden.core.sqltext import LexicalRules
from dbwarden.dialects.base.deferred import deferred
from dbwarden.dialects.base.dialect import BaseDialect

from . import words

if TYPE_CHECKING:
    from dbwarden.core.archive import Archive
    from dbwarden.core.change import Change
    from dbwarden.core.ddl.statements import Statement
    from dbwarden.core.diagnosis import Diagnosis
    from dbwarden.core.dialect import Connection, Prefs, Scope, ScratchProvider, ScratchRequest, Size, TransactionHooks
    from dbwarden.core.model import Column, Definition, Object, Schema
    from dbwarden.core.options import OptionSpec
    from dbwarden.core.row_demands import OffendingRows, RowDemand
    from dbwarden.core.statement import Facts, Recovery
    from dbwarden.core.type_table import TypeChange, TypeTable
    from dbwarden.core.types import DataType, Ref
    from dbwarden.dialects.base.renderer import Renderer
    from dbwarden.errors import PermissionDenied

    from . import (
        backup,
        canonical,
        ddl,
        declarations,
        facts,
        inspect,
        offending_rows,
        options,
        probe,
        rebuild,
        renderer,
        scratch,
        sizes,
        statements,
        transaction_hooks,
        types,
    )
else:
    globals().update(
        deferred(
            __package__,
            "backup canonical ddl declarations facts inspect offending_rows options probe rebuild renderer scratch sizes "
            "statements transaction_hooks types",
        )
    )

FEATURES = Features(
    lacks=frozenset(
        "extension namespace enum enum_value domain composite_type range_type sequence function procedure aggregate event"
        " event_trigger partition foreign_table exclude materialized_view rule policy statistics publication"
        " owner foreign_server publication_table publication_schema security_label grant role membership default_privileges"
        " collation text_search_dictionary text_search_configuration projection dictionary named_collection".split()
    ),
    inline_foreign_keys="all",
    table_locks=False,
    rebuilds_tables=True,
    fills_nulls=True,
    shared_names=(frozenset(("table", "view", "index", "virtual_table", "shadow_table")),),
    late_binding=True,
    checks_views=True,
    described_definitions=frozenset(("view", "trigger")),
    repeatable_definitions=frozenset(("view", "trigger")),
    numbers_integer_keys=True,  # https://www.sqlite.org/lang_createtable.html#rowid
    caseless_names=frozenset(
        "table column primary_key unique check foreign_key index view trigger virtual_table shadow_table".split()
    ),
)


OWN_TYPES = {
    "serial primary key": "INTEGER PRIMARY KEY",
    "double": "REAL",
    "timestamp": "DATETIME",
    "name": "VARCHAR(255)",
    "text": "TEXT",
    "boolean": "BOOLEAN",
    "integer": "INTEGER",
    # ADD COLUMN requires a default for NOT NULL; new tables have it too, so that all are the same.
    "owner": f"VARCHAR(255) NOT NULL DEFAULT '{UNCLAIMED}'",
}


@dataclass(frozen=True)
class SQLite(BaseDialect):
    """Dialect of SQLite 3.25 and later; the newest version if the server is not known."""

    name: ClassVar[str] = "sqlite"
    features: ClassVar[Features] = FEATURES
    lexical_rules: ClassVar[LexicalRules] = words.LEXICAL_RULES
    own_types: ClassVar[Mapping[str, str]] = OWN_TYPES

    @property
    def renderer(self) -> Renderer:
        return renderer.render

    @property
    def types(self) -> TypeTable:
        return types.TYPES

    @property
    def options(self) -> Mapping[str, tuple[OptionSpec, ...]]:
        return options.BY_KIND

    @property
    def archive(self) -> Archive:
        return backup.OnlineBackup()

    def canonical(self, schema: Schema) -> Schema:
        return canonical.canonical(schema)

    def regroup(self, changes: Sequence[Change], before: Schema, after: Schema) -> Sequence[Change]:
        return rebuild.regroup(changes, before, after, self.server.version)

    def ddl(self, change: Change, before: Schema, after: Schema, prefs: Prefs) -> tuple[str, ...]:
        return ddl.ddl(change, before, after, prefs.fills)

    def declared_objects(self, metadata: Any, sqlalchemy: Any) -> Iterable[Definition]:
        return declarations.declared_objects(metadata, sqlalchemy, statements.statement)

    def parse(self, sql: str) -> Statement:
        return statements.statement(sql)

    def facts(self, sql: str) -> Facts:
        return facts.facts(sql)

    def facts_of(self, statement: Statement) -> Facts:
        return facts.facts_of(statement)

    def from_sqlalchemy(self, type_: Any, sqlalchemy: Any = None) -> tuple[DataType, tuple[Object, ...]]:
        return types.from_sqlalchemy(type_, sqlalchemy), ()

    def type_change(self, before: DataType, after: DataType) -> TypeChange:
        return types.change(before, after)

    def columns_of(self, conn: Connection, name: str) -> frozenset[str]:
        rows = conn.query("SELECT name FROM pragma_table_info(:name)", {"name": words.unquote(name)})
        return frozenset(str(row[0]) for row in rows)

    def inspect(self, conn: Connection, scope: Scope) -> Schema:
        return inspect.inspect(conn, scope)

    def differs_from_default(self, column: Column) -> str | None:
        return sizes.differs_from_default(column)

    def offending_rows(self, conn: Connection, demand: RowDemand, schema: Schema, limit: int) -> OffendingRows | None:
        return offending_rows.SQLiteRows(self.renderer).offending_rows(conn, demand, schema, limit)

    def sizes(self, conn: Connection) -> Mapping[Ref, Size]:
        return sizes.sizes(conn)

    def server_of(self, conn: Connection) -> Server:
        version = str(conn.query("SELECT sqlite_version()")[0][0])
        return Server(tuple(int(part) for part in version.split(".")), product=f"SQLite {version}")

    def transaction_hooks(self, conn: Connection, statements: Sequence[str]) -> TransactionHooks:
        return transaction_hooks.ForeignKeysOff(conn, statements)

    def broken_objects(self, conn: Connection) -> Mapping[Ref, str]:
        return transaction_hooks.broken_objects(conn)

    def diagnose(self, conn: Connection) -> Iterable[Diagnosis]:
        from . import health  # deferred: one command needs it

        return health.diagnose(conn, self.server if self.server.version else self.server_of(conn))

    def recovery(self, sql: str) -> Recovery:
        return probe.recovery(sql)

    def locker(self, conn: Connection, key: str) -> None:
        return None

    def scratch_providers(self, request: ScratchRequest) -> Sequence[ScratchProvider]:
        return scratch.scratch_providers(request)

    def first_object(self, conn: Connection) -> str | None:
        return scratch.first_object(conn)

    def clear(self, conn: Connection) -> None:
        scratch.clear(conn)

    def autoincrement_column(self, table: Ref, schema: Schema) -> str | None:
        return canonical.autoincrement_column(table, schema)

    def missing_dependency(self, conn: Connection, sqlstate: str | None, message: str) -> str | None:
        return scratch.missing_dependency(message)

    def remedy(self, conn: Connection, error: PermissionDenied, tables: OwnTables) -> str:
        return "SQLite has no roles: the rights are those of the file and its folder."


def create(_engine: str) -> SQLite:
    """The dialect for an engine of ``core.engine``."""
    return SQLite()
