"""Canonical form of a schema: types, defaults, inherited properties and implicit names as the server would report them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dbwarden.core.change import Rename
from dbwarden.core.dialect import Server
from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Member,
    Object,
    PrimaryKey,
    Schema,
    Sequence,
    Table,
    Unique,
)
from dbwarden.core.options import NO_OPTIONS, Options
from dbwarden.core.schema_relocation import relocate
from dbwarden.core.tokens import mentioned_columns
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.base.canonical import Canonical, Columns, make_keys_not_null, replace_if_changed, reuse_if_same
from dbwarden.errors import Unsupported

from . import key_lengths, options, sequence_options
from .charsets import charset_name, charset_of, database_charset, default_collation, full_collation
from .defaults import WHOLE, canonical_default, moment, split_on_update
from .expressions import bare, with_comparison_key
from .implicit_names import assign_implicit_names
from .partitioning import canonical_clause
from .types import canonical_type
from .words import LEXICAL_RULES

TEXTS = frozenset("char varchar tinytext text mediumtext longtext enum set".split())
"""Types with a charset."""


def canonical(schema: Schema, server: Server) -> Schema:
    """Canonical form of ``schema``; ``schema`` itself if it is canonical already.

    Raises ``Unsupported`` for a table in another database.
    """
    moved = relocate(schema, server.default_schema, None) if server.default_schema else schema
    if server.settings.get("lower_case_table_names") == "1":
        moved = _with_small_names(moved)
    return MySQLCanonical(moved, server).schema()


def _with_small_names(schema: Schema) -> Schema:
    """The schema with the names of tables in lower case, as the server stores them with ``lower_case_table_names=1``."""
    for table in schema.tables():
        if table.name != table.name.lower():
            schema = Rename(table.ref, table.ref._replace(name=table.name.lower())).apply(schema)
    return schema


class MySQLCanonical(Canonical):
    """Walk over one schema with the differences of MySQL and MariaDB."""

    def __init__(self, schema: Schema, server: Server) -> None:
        super().__init__(schema)
        self.server = server
        self.mariadb = server.flavour == "mariadb"
        self.collations = {ref: self.table_collation(table) for ref, table in self.tables.items()}

    def complete(self, objects: dict[Ref, Object]) -> bool:
        completed = make_keys_not_null(objects)
        named = assign_implicit_names(list(objects.values()), self.server)
        if named is None:
            return completed
        objects.clear()
        objects.update((item.ref, item) for item in named)
        return True

    def other(self, item: Object) -> Object | None:
        return sequence_options.canonical(item, self.server) if isinstance(item, Sequence) else item

    def options(self, values: Options, kind: str) -> Options:
        return options.known_options(values, kind) if values else NO_OPTIONS

    def engine(self, table: Ref) -> str:
        """The storage engine of a table, in lower case."""
        item = self.tables.get(table)
        engine = item.options.get("engine") if item is not None else None
        return (engine or "InnoDB").lower()

    # -- charsets -----------------------------------------------------------------------------------------------------

    @property
    def database_collation(self) -> str | None:
        """The collation of the database, if known."""
        return self.server.settings.get("collation")

    def table_collation(self, table: Table) -> str | None:
        """The collation of a table, if it has one of its own or that of the database is known."""
        charset = next((table.options.get(key) for key in _CHARSET_KEYS if table.options.get(key)), None)
        collation = next((table.options.get(key) for key in _COLLATION_KEYS if table.options.get(key)), None)
        return self.meant(charset, collation, self.database_collation)

    def meant(self, charset: str | None, collation: str | None, inherited: str | None) -> str | None:
        """The collation that a charset, a collation or neither of them means.

        A collation of another charset is what was left of a former definition, and does not count.
        """
        if collation:
            own = charset_name(charset) if charset else charset_of(inherited or "") or "utf8mb4"
            full = full_collation(collation, own)
            if not charset or charset_of(full) == own:
                return full
        return default_collation(charset, self.server) if charset else inherited

    def distinct(self, collation: str | None, inherited: str | None) -> tuple[str | None, str | None]:
        """Charset and collation to write where another collation is inherited; a collation is left out if it is the
        default of a charset that is written."""
        if collation is None or collation == inherited:
            return None, None
        charset = charset_of(collation)
        if charset is None or (inherited is not None and charset_of(inherited) == charset):
            return None, collation
        return charset, None if collation == default_collation(charset, self.server) else collation

    # -- tables and columns -------------------------------------------------------------------------------------------

    def table(self, table: Table) -> Table:
        if table.schema is not None:
            raise Unsupported(
                feature=f"database {table.schema!r} of table {table.name!r}",
                dialect="MariaDB" if self.mariadb else "MySQL",
                reason="migrations change the database of the URL only",
                hint="Remove schema= from the model, or configure that database as one of its own.",
            )
        done = super().table(table)
        if self.server.settings.get("explicit_defaults_for_timestamp") == "0":
            done = _with_implied_defaults(done)
        collation = self.collations[table.ref]
        inherited = self.database_collation
        charset, collate = self.distinct(collation, inherited)
        if collation is not None and collation != inherited and charset is None:
            charset = charset_of(collation)
            if charset is not None and collation == default_collation(charset, self.server):
                collate = None
        partition_by = done.options.get("partition_by")
        values = done.options.with_(
            charset=charset,
            collate=collate,
            partition_by=canonical_clause(partition_by) if partition_by else None,
        )
        return replace_if_changed(done, options=values, comment=table.comment or None)

    def column(self, column: Column, table: Table) -> Column:
        inherited = self.collations[table.ref]
        charset, collation = column.options.get("charset"), column.collation
        type_ = column.type
        if charset or collation:
            effective = self.meant(charset, collation, inherited)
            type_ = canonical_type(type_, self.server, charset_of(effective) if effective else None)
            charset, collation = self.distinct(effective, inherited) if type_.name in TEXTS else (None, None)
        else:
            type_ = canonical_type(type_, self.server, charset_of(inherited) if inherited else None)
        default, on_update = column.default, column.options.get("on_update")
        if default is not None:
            text, behind = split_on_update(default.text)
            on_update = behind or on_update
            default = default if text == default.text else Expression(text)
            default = canonical_default(default, type_, self.server.flavour)
        identity = _identity(column, type_)
        extra = self.options(column.options, "column") if column.options else NO_OPTIONS
        if extra or charset or on_update:
            extra = extra.with_(charset=charset, on_update=moment(on_update) if on_update else None)
        return replace_if_changed(
            column,
            type=type_,
            nullable=column.nullable and identity is None,
            default=None if identity is not None else default,
            identity=identity,
            computed=self.computed(column.computed, column, table) if column.computed is not None else None,
            collation=collation,
            comment=column.comment or None,
            options=extra,
        )

    def computed(self, computed: Computed, column: Column, table: Table) -> Computed:
        expression = self.expression(computed.expression, table.columns)
        stored = bool(computed.stored)
        if expression is computed.expression and stored == computed.stored:
            return computed
        return Computed(expression, stored)

    # -- members ------------------------------------------------------------------------------------------------------

    def key(self, key: PrimaryKey | Unique) -> Member:
        if isinstance(key, Unique):
            elements = tuple(map(IndexElement, key.columns))
            return Index(
                key.table,
                key.name,
                elements,
                unique=True,
                comment=key.comment or None,
                options=self.options(key.options, "index"),
                implicit=key.implicit or key.name is None,
            )
        extra = self.options(key.options, key.kind)
        if extra and self.engine(key.table) == "innodb":
            extra = extra.with_(using=None)  # InnoDB has no other method
        return replace_if_changed(
            key, name=None, include=(), deferrable=False, initially=None, comment=None, options=extra, implicit=True
        )

    def foreign_key(self, key: ForeignKey) -> Member | None:
        there = self.keys.get(key.ref_table)
        done: Any = super().foreign_key(
            replace_if_changed(
                key,
                ref_columns=key.ref_columns or (there.columns if there else ()),
                match=None,
                deferrable=False,
                initially=None,
                comment=None,
            )
        )
        changed: Member | None = replace_if_changed(
            done,
            on_update=_action(done.on_update),
            on_delete=_action(done.on_delete),
            implicit=key.implicit or key.name is None,
        )
        return changed

    def check(self, check: Check, columns: Columns) -> Member:
        done = replace_if_changed(
            check,
            expression=with_comparison_key(check.expression, condition=True),
            no_inherit=False,
            comment=None,
            options=self.options(check.options, check.kind),
            implicit=check.implicit or check.name is None,
        )
        return replace_if_changed(done, columns=self.mentioned_columns(done, columns))

    def mentioned_columns(self, item: Any, columns: Columns) -> tuple[str, ...]:
        if isinstance(item, Check):
            texts = [item.expression.text]
        else:
            texts = [element.expression.text for element in item.elements if element.expression is not None]
        return mentioned_columns(" ".join(texts), columns, LEXICAL_RULES, caseless=True) if texts else ()

    def expression(self, expression: Expression, columns: Columns) -> Expression:
        return with_comparison_key(expression)

    def index(self, index: Index, columns: Columns) -> Member:
        method = (index.options.get("prefix") or index.method or "btree").lower()
        unique = index.unique or method == "unique"
        if method in ("btree", "unique") or (method == "hash" and self.engine(index.table) == "innodb"):
            method = ""
        if not any(element.length for element in index.elements) and (lengths := index.options.get("length")):
            index = replace(index, elements=key_lengths.assigned(index.elements, lengths))
        shortens = self.mariadb and not (unique or method) and self.engine(index.table) == "innodb"
        done = replace_if_changed(
            index,
            elements=self._elements(index, method, columns, shortens),
            unique=unique,
            method=method or None,
            include=(),
            where=None,
            nulls_not_distinct=False,
            comment=index.comment or None,
            implicit=index.implicit or index.name is None,
        )
        if self.mariadb and key_lengths.is_hashed(done, columns):  # a hash has no direction
            plain = tuple(replace_if_changed(element, descending=False) for element in done.elements)
            done = replace_if_changed(done, elements=reuse_if_same(done.elements, plain))
        if done.options.get("key_block_size"):  # no query shows it
            done = replace(done, options=done.options.with_(key_block_size=None))
        return super().index(done, columns)

    def _elements(self, index: Index, method: str, columns: Columns, shortens: bool) -> tuple[IndexElement, ...]:
        """The keys; those of FULLTEXT and SPATIAL indexes have neither length nor direction."""
        plain = method in ("fulltext", "spatial")
        shortens_for = None
        if shortens:
            shortens_for = charset_of(self.collations.get(index.table) or "") or database_charset(self.server)
        return reuse_if_same(
            index.elements,
            tuple(
                replace_if_changed(
                    element,
                    descending=element.descending and not plain,
                    length=None if plain else key_lengths.canonical_length(element, columns, shortens_for),
                    nulls=None,
                    opclass=None,
                    collation=None,
                )
                for element in index.elements
            ),
        )

    def element(self, element: IndexElement, columns: Columns) -> IndexElement:
        done = super().element(element, columns)
        if done.expression is None:
            return done
        name = bare(done.expression.text).strip("`")
        if name in columns:  # (column) is the column itself
            return replace(done, column=name, expression=None)
        return replace_if_changed(done, column=None)


_CHARSET_KEYS = ("charset", "default_charset", "character_set", "default_character_set")
_COLLATION_KEYS = ("collate", "default_collate")


def _with_implied_defaults(table: Table) -> Table:
    """The table with the defaults of TIMESTAMP columns that a server without ``explicit_defaults_for_timestamp`` adds:
    the first one is set by each statement, others begin with the zero date."""
    stamps = [column for column in table.columns.values() if column.type.name == "timestamp"]
    for at, column in enumerate(stamps):
        implied = not (column.nullable or column.computed or column.default or column.default_undescribed)
        if not implied:
            continue
        now = str(moment(f"now({''.join(column.type.args)})"))
        first = at == 0 and column.options.get("on_update") is None
        default = canonical_default(Expression(now if first else "'0000-00-00'"), column.type, "")
        options_ = column.options.with_(on_update=now) if first else column.options
        table = table.with_column(replace(column, default=default, options=options_))
    return table


def _identity(column: Column, type_: DataType) -> Identity | None:
    identity = column.identity
    if identity is None:
        return None
    if type_.name not in WHOLE and type_.name not in ("float", "double"):
        return None
    if identity.mode in ("auto", "serial") and column.default is not None:
        return None
    unchanged = identity.mode == "auto_increment" and not identity.options
    return identity if unchanged else Identity("auto_increment")


def _action(action: str | None) -> str | None:
    """The action of a foreign key; ``None`` for RESTRICT, which is what InnoDB does for NO ACTION too."""
    return None if action == "restrict" else action
