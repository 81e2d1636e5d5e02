"""Canonical form of a schema as SQLite would report it: without objects that SQLite lacks, with comparison keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    Definition,
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
from dbwarden.core.options import NO_OPTIONS, Options
from dbwarden.core.schema_relocation import relocate
from dbwarden.core.sqltext import fold_case
from dbwarden.core.types import Expression, Ref
from dbwarden.dialects.base.canonical import Canonical, Columns, replace_if_changed
from dbwarden.dialects.base.options import known_options
from dbwarden.errors import Unsupported

from .grammar import read_element
from .options import COLUMN, TABLE, conflict
from .words import bare, expression, expression_key


def canonical(schema: Schema) -> Schema:
    """Canonical form of ``schema``, as ``inspect`` would return it.

    Namespaces, sequences, extensions, enums and domains have no counterpart and are removed; columns get plain types.
    Raises ``Unsupported`` for a table in another namespace than main, and for names that differ only in case.
    """
    schema = relocate(schema, "main", None)
    _refuse_twins("tables", (item.name for item in schema.objects() if isinstance(item, Table)))
    return SQLiteCanonical(schema).schema()


class SQLiteCanonical(Canonical):
    """Walk over one schema with SQLite's differences."""

    def other(self, item: Object) -> Object | None:
        return (
            replace_if_changed(item, sql=with_comparison_key(item.sql), comment=None)
            if isinstance(item, Definition)
            else None
        )

    # -- columns ------------------------------------------------------------------------------------------------------

    def table(self, table: Table) -> Table:
        if table.schema is not None:
            raise Unsupported(
                feature=f"schema {table.schema!r} of table {table.name!r}",
                dialect="SQLite",
                reason="a database file has no schemas",
                hint="Remove schema= from the model for this database.",
            )
        _refuse_twins(f"columns of table {table.name!r},", table.columns)
        key = self.keys.get(table.ref)
        options = known_options(table.options, TABLE)
        if options.get("autoincrement") and rowid_alias(table, key) is None:
            options = options.with_(autoincrement=None)  # as in SQLAlchemy, only with INTEGER PRIMARY KEY
        not_null = _implied_not_null(table, key, options)
        columns = {name: _column(column, name in not_null) for name, column in table.columns.items()}
        same = all(column is table.columns[name] for name, column in columns.items())
        if same and options == table.options and table.comment is None and not table.partitions:
            return table
        return Table(table.name, columns, options=options)

    # -- members ------------------------------------------------------------------------------------------------------

    def key(self, key: PrimaryKey | Unique) -> Member:
        clause = self._conflict_of(key)
        options = conflict(key.options.with_(on_conflict=clause) if clause else key.options)
        bare_key: dict[str, Any] = {"include": (), "deferrable": False, "initially": None, "comment": None}
        if isinstance(key, Unique):
            bare_key["nulls_not_distinct"] = False
        return replace_if_changed(key, **bare_key, options=options, implicit=_implicit(key))

    def _conflict_of(self, key: PrimaryKey | Unique) -> str | None:
        """Conflict clause of a key of one column that SQLAlchemy reads from the column's options."""
        table = self.tables.get(key.table)
        if len(key.columns) != 1 or table is None or key.options.get("on_conflict"):
            return None
        column = table.columns.get(key.columns[0])
        return column.options.get(f"on_conflict_{key.kind}") if column is not None and column.options else None

    def check(self, check: Check, columns: Columns) -> Member:
        done = super().check(check, columns)
        return replace_if_changed(done, no_inherit=False, comment=None, implicit=_implicit(check))

    def foreign_key(self, key: ForeignKey) -> Member | None:
        if key.ref_table.schema != key.table.schema:
            return None
        there = self.keys.get(key.ref_table)
        columns = key.ref_columns or (there.columns if there else ())
        return super().foreign_key(replace_if_changed(key, ref_columns=columns, comment=None, implicit=_implicit(key)))

    def options(self, options: Options, kind: str) -> Options:
        return conflict(options) if kind == "check" else NO_OPTIONS

    def index(self, index: Index, columns: Columns) -> Member:
        plain = replace_if_changed(index, method=None, include=(), nulls_not_distinct=False, comment=None)
        return super().index(plain, columns)

    def expression(self, source: Expression, columns: Columns) -> Expression:
        normalized = expression(bare(source.text))
        return (
            source
            if source.names.caseless and (normalized.text, normalized.key) == (source.text, source.key)
            else normalized
        )

    def element(self, element: IndexElement, columns: Columns) -> IndexElement:
        nulls = None if element.nulls == ("last" if element.descending else "first") else element.nulls
        collation = element.collation.upper() if element.collation else None
        if element.expression is None:
            return replace_if_changed(element, opclass=None, nulls=nulls, collation=collation)
        read = read_element(bare(element.expression.text))
        return replace(
            read,
            descending=element.descending or read.descending,
            nulls=element.nulls or read.nulls,
            collation=collation or read.collation,
        )


def _refuse_twins(kind: str, names: Iterable[str]) -> None:
    """Refuse two names that differ only in case, which are one name to SQLite
    (https://www.sqlite.org/lang_keywords.html)."""
    spelled: dict[str, str] = {}
    for name in names:
        other = spelled.setdefault(fold_case(name), name)
        if other != name:
            raise Unsupported(
                feature=f"{kind} {other!r} and {name!r}",
                dialect="SQLite",
                reason="it compares names without regard to case, so both are one name",
                hint="Give one of them another name.",
            )


def with_comparison_key(source: Expression) -> Expression:
    """The expression with its comparison key."""
    normalized = expression(source.text)
    return source if source.names.caseless and normalized.key == source.key else normalized


def _implied_not_null(table: Table, key: PrimaryKey | None, options: Options) -> tuple[str, ...]:
    """Columns that are NOT NULL without saying so: the rowid, and the primary key of a table WITHOUT ROWID or STRICT."""
    if key is None:
        return ()
    strict = options.get("strict") or options.get("with_rowid") == "false"
    return key.columns if strict or rowid_alias(table, key) else ()


def rowid_alias(table: Table, key: PrimaryKey | None) -> str | None:
    """Name of the INTEGER PRIMARY KEY, which is the rowid, or ``None``
    (https://www.sqlite.org/lang_createtable.html#rowid)."""
    if key is None or len(key.columns) != 1 or table.options.get("with_rowid") == "false":
        return None
    column = table.columns.get(key.columns[0])
    inline_descending = key.options.get("keys") == "DESC"
    return column.name if column and str(column.type) == "integer" and not inline_descending else None


def autoincrement_column(table: Ref, schema: Schema) -> str | None:
    """Name of the column of ``table`` that is the rowid, or ``None``."""
    key = next((item for item in schema.members(table) if isinstance(item, PrimaryKey)), None)
    return rowid_alias(schema.table(table), key)


def _column(column: Column, implied_not_null: bool) -> Column:
    default = None if column.default is None else _default(column.default)
    special = column.identity or column.computed or column.collation or column.comment is not None or column.options
    if default is column.default and not (special or column.type.ref or (implied_not_null and column.nullable)):
        return column
    computed = column.computed
    if computed is not None:
        computed = Computed(with_comparison_key(computed.expression), bool(computed.stored))
    collation = column.collation.upper() if column.collation else None
    return Column(
        column.name,
        replace(column.type, ref=None) if column.type.ref else column.type,
        column.nullable and not implied_not_null,
        None if computed else default,
        computed=computed,
        collation=None if collation == "BINARY" else collation,
        options=NO_OPTIONS if column.nullable else conflict(column.options, COLUMN),
        not_null_implied=column.not_null_implied or (implied_not_null and column.nullable),
        default_undescribed=column.default_undescribed,
    )


@lru_cache(maxsize=1 << 12)
def _bare_default(text: str) -> Expression:
    text = bare(text)
    return Expression(text, expression_key(text, names_too=False))


def _default(default: Expression) -> Expression:
    normalized = _bare_default(default.text)
    return default if normalized.text == default.text and normalized.key == default.key else normalized


def _implicit(item: PrimaryKey | Unique | Check | ForeignKey) -> bool:
    # SQLite gives no names: an unnamed constraint matches one of the same content under any name.
    return item.implicit or item.name is None
