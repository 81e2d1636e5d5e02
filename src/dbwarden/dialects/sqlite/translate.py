"""Translation of another engine's schema into SQLite's, for ``--dev``, with a list of its losses.

An expression stays only if SQLite accepts it. Losses are those that a program can notice: values, guarantees, defaults.
Comments, and options that only affect speed (a fill factor, hash instead of btree), are left out without a report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from dbwarden.core import kinds, topology
from dbwarden.core.dialect import Dialect
from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    Definition,
    Domain,
    Enum,
    Exclude,
    ForeignKey,
    Index,
    IndexElement,
    Member,
    Object,
    PrimaryKey,
    Projection,
    Schema,
    Sequence,
    Table,
    Unique,
    column_ref,
)
from dbwarden.core.options import NO_OPTIONS
from dbwarden.core.sqltext import fold_case
from dbwarden.core.translation import Loss, TranslatedStatement, Translation
from dbwarden.core.type_table import Family
from dbwarden.core.types import DataType, Expression, Ref

from . import expressions
from .canonical import canonical
from .collations import BYTEWISE, collation_of, folded
from .column_translation import INVISIBLE, ON_UPDATE
from .names import index_name, prefixed
from .statement_translation import translate_statement
from .table_translation import NO_PARTITIONS, NO_START
from .type_translation import TypeMapping, affinity, map_type
from .types import declared
from .view_translation import translate_view
from .words import mentioned_words, quote

_PLAIN_METHODS = frozenset((None, "btree", "hash"))
_TABLE_LOSSES = {
    "auto_increment": ("is numbered from 1", NO_START),
    "partition_by": ("is not partitioned", NO_PARTITIONS),
    "server": ("is a table of this database", "SQLite reads no other servers"),
    "system_versioning": ("keeps no former rows", "SQLite has no system versioning"),
}
"""Options of a table whose absence a program can notice."""


def schema(source_schema: Schema, source: Dialect, type_overrides: Mapping[Ref, DataType]) -> Translation:
    """Translate ``source_schema``, which is canonical in ``source``, into SQLite's canonical schema (``core.translation``)."""
    work = _SchemaTranslation(source_schema, source, type_overrides)
    objects = list(work.objects())
    translated = canonical(Schema([*objects, *work.views(objects)]))
    return Translation(translated, tuple(dict.fromkeys(work.losses)))


def ref(source: Ref) -> Ref | None:
    """Reference of a table, column or index in SQLite; ``None`` for other kinds (``core.translation``)."""
    match source.kind:
        case "table":
            return Ref("table", prefixed(source.name, source.schema))
        case "column":
            return Ref("column", source.name, None, prefixed(source.table or "", source.schema))
        case "index":
            return Ref("index", prefixed(source.name, source.schema), None, prefixed(source.table or "", source.schema))
    return None


def colspecs() -> Mapping[type, type]:
    """SQLAlchemy types for values that its SQLite dialect cannot store (``core.translation``)."""
    from .values import COLSPECS  # deferred: it imports SQLAlchemy, which only running models need

    return COLSPECS


def value(text: str, type_: DataType, source: str, columns: Iterable[str]) -> str | None:
    """Translate an expression for a column of that type; ``None`` if that is not possible (``core.translation``)."""
    translated = expressions.translated(text, source)
    if translated is not None and type_.name == "uuid":
        translated = expressions.without_hyphens(translated)
    if translated is not None and type_.array:
        translated = expressions.as_array(translated, affinity(str(replace(type_, array=0))))
    return translated if translated is not None and expressions.is_value(translated, columns) else None


def statement(sql: str, source: Dialect) -> TranslatedStatement:
    """Translate one statement (``core.translation``)."""
    return translate_statement(sql, source)


class _SchemaTranslation:
    """Translation of one schema: its objects, and the losses so far."""

    def __init__(self, source_schema: Schema, source: Dialect, type_overrides: Mapping[Ref, DataType]) -> None:
        self.source_schema, self.source, self.type_overrides = source_schema, source.name, type_overrides
        self.dialect = source
        self.types = source.types
        self.losses: list[Loss] = []
        keys = [item for item in source_schema.objects() if isinstance(item, PrimaryKey)]
        self.numbering = {item.table: item.columns[0] for item in keys if len(item.columns) == 1}
        self.referenced = {
            column_ref(item.table, own): column_ref(item.ref_table, other)
            for item in source_schema.objects()
            if isinstance(item, ForeignKey)
            for own, other in zip(item.columns, item.ref_columns, strict=True)
        }
        """The column that a foreign key refers to, by the key's own column."""

    def objects(self) -> Iterator[Object]:
        for item in self.source_schema.objects():
            match item:
                case Table():
                    yield from self.table(item)
                case Exclude():
                    self.report_loss(_place(item), "is left out", "SQLite has no exclusion constraints")
                case Projection():
                    self.report_loss(_place(item), "is left out", "SQLite has no projections")
                case Check() if item.options.get("assume") == "true":
                    self.report_loss(_place(item), "is left out", "SQLite would check it")
                case Member():
                    member = self.member(item)
                    if member is not None:
                        yield member
                case Sequence():
                    self.report_loss(_path(item.ref), "is left out", "SQLite has no sequences")
                case Definition() if item.kind not in kinds.READABLE:
                    self.report_loss(_path(item.ref), "is left out", f"{kinds.a(item.kind)} is not translated")

    def views(self, objects: Iterable[Object]) -> Iterator[Definition]:
        """The views on translated tables and views, those first that others read."""
        before: list[Table | Definition] = [item for item in objects if isinstance(item, Table)]
        views = [
            item
            for item in self.source_schema.objects()
            if isinstance(item, Definition) and item.kind in kinds.READABLE
        ]
        places = {item.ref: at for at, item in enumerate(views)}
        edges = [sorted(places[ref] for ref in item.needs if ref in places and ref != item.ref) for item in views]
        for view in (views[at] for at in topology.depth_first(edges)):
            translated = translate_view(view, self.dialect, before)
            if translated is None:
                self.report_loss(_path(view.ref), "is left out", "SQLite cannot read its query")
                continue
            if view.kind != "view":
                self.report_loss(_path(view.ref), "becomes a plain view", "SQLite has no others")
            before.append(translated)
            yield translated

    def report_loss(self, where: str, change: str, reason: str = "") -> None:
        self.losses.append(Loss(where, change, reason))

    # -- tables and columns

    def here(self, table: Ref) -> Ref:
        return Ref("table", prefixed(table.name, table.schema))

    def table(self, table: Table) -> Iterator[Object]:
        here = self.here(table.ref)
        if table.schema:
            self.report_loss(_path(table.ref), f"becomes {here.name}", "SQLite has no schemas")
        columns: list[Column] = []
        checks: list[Check] = []
        for column in table.columns.values():
            columns.append(self.column(table, column, checks))
        for option, (change, reason) in _TABLE_LOSSES.items():
            if table.options.get(option):
                self.report_loss(_path(table.ref), change, reason)
        yield Table.of(here.name, columns)
        yield from checks

    def column(self, table: Table, column: Column, checks: list[Check]) -> Column:
        where = f"{_path(table.ref)}.{column.name}"
        base, domains = self.base(column.type)
        numbering = self.becomes_rowid(table, column, base, where)
        mapping = TypeMapping(DataType("integer")) if numbering else self.mapped_type(table, column, base, where)
        nullable = column.nullable and all(domain.nullable for domain in domains)
        default = column.default or next((domain.default for domain in domains if domain.default is not None), None)
        checks += self.checks_of(table, column, domains, where)
        self.report_attributes(column, where)
        return Column(
            column.name,
            mapping.type,
            nullable,
            None if numbering or default is None else self.default(default, base, where),
            computed=self.computed(table, column, where),
            collation=mapping.collation or self.collation(self.collation_name(table, column, base), where),
        )

    def report_attributes(self, column: Column, where: str) -> None:
        if on_update := column.options.get("on_update"):
            self.report_loss(where, f"ON UPDATE {on_update} is left out", ON_UPDATE)
        if column.options.get("invisible"):
            self.report_loss(where, "is visible", INVISIBLE)

    def base(self, datatype: DataType) -> tuple[DataType, list[Domain]]:
        """Base type of nested domains, and these domains, the outer one first."""
        domains: list[Domain] = []
        while not datatype.array and datatype.ref is not None:
            domain = self.source_schema.get(datatype.ref)
            if not isinstance(domain, Domain):
                break
            domains.append(domain)
            datatype = domain.type
        return datatype, domains

    def mapped_type(self, table: Table, column: Column, base: DataType, where: str) -> TypeMapping:
        override = self.type_overrides.get(column_ref(table.ref, column.name))
        if override is not None:
            return TypeMapping(override)
        labels = self.labels(base)
        if labels is not None:
            return TypeMapping(DataType("varchar", (str(max(map(len, labels), default=1)),)))
        mapping = map_type(base, self.types)
        if mapping.loss and not self.refers_to_rowid(column_ref(table.ref, column.name)):
            self.report_loss(where, f"{base} becomes {declared(mapping.type)}", mapping.loss)
        return mapping

    def refers_to_rowid(self, column: Ref) -> bool:
        """Whether foreign keys lead from a column to one that becomes the rowid: it holds numbers that SQLite has given."""
        seen = {column}
        while (column := self.referenced.get(column, column)) not in seen:
            seen.add(column)
            table = self.source_schema.get(column.owner)
            there = table.columns.get(column.name) if isinstance(table, Table) else None
            if there is not None and self.is_numbered(column.owner, there):
                return True
        return False

    def is_numbered(self, table: Ref, column: Column) -> bool:
        """Whether a column that the engine numbers becomes the rowid."""
        whole = self.types.row(self.base(column.type)[0]).family is Family.WHOLE
        return column.identity is not None and whole and self.numbering.get(table) == column.name

    def labels(self, base: DataType) -> tuple[str, ...] | None:
        """The values of an enum, which has a name (PostgreSQL) or is the type of one column (MySQL)."""
        named_type = self.source_schema.get(base.ref) if base.ref is not None and not base.array else None
        if isinstance(named_type, Enum):
            return named_type.values
        if base.name != "enum" or not base.args:
            return None
        literals = (expressions.translated(argument, self.source) or argument for argument in base.args)
        return tuple(text[1:-1].replace("''", "'") for text in literals)

    def becomes_rowid(self, table: Table, column: Column, base: DataType, where: str) -> bool:
        """Whether the column becomes the rowid, which SQLite numbers; reports a loss if a numbered column cannot be."""
        taken = column.default is not None and column.default.text.strip("( ").lower().startswith("nextval")
        if column.identity is None and not taken:
            return False
        if self.types.row(base).family is not Family.WHOLE or self.numbering.get(table.ref) != column.name:
            self.report_loss(where, "is not numbered", "SQLite numbers only a single INTEGER PRIMARY KEY")
            return False
        if column.identity is not None and column.identity.options:
            options = ", ".join(f"{key} {value}" for key, value in column.identity.options)
            self.report_loss(where, f"is numbered without {options}", "SQLite counts from the largest number")
        return True

    def default(self, default: Expression, base: DataType, where: str) -> Expression | None:
        text = expressions.translated(default.text, self.source)
        if text is not None and base.name == "uuid":
            text = expressions.without_hyphens(text)
        if text is not None and base.array:
            text = expressions.as_array(text, affinity(str(replace(base, array=0))))
        if text is not None and expressions.is_default(text):
            return Expression(text)
        if not default.text.strip("( ").lower().startswith("nextval"):
            self.report_loss(where, f"DEFAULT {default.text} is left out", "SQLite has no such expression")
        return None

    def computed(self, table: Table, column: Column, where: str) -> Computed | None:
        if column.computed is None:
            return None
        text = expressions.translated(column.computed.expression.text, self.source)
        if text is not None and expressions.is_computed(text, table.columns):
            return Computed(Expression(text), column.computed.stored)
        self.report_loss(where, "is not generated", f"SQLite has no such expression: {column.computed.expression.text}")
        return None

    def collation_name(self, table: Table, column: Column, base: DataType) -> str | None:
        """The collation of a column: its own or, on MySQL, the one that a text takes from its character set, its table or
        the database."""
        if self.source not in expressions.MYSQL or self.types.row(base).family is not Family.TEXT:
            return column.collation
        if self.labels(base) is not None or base.name == "set":
            return None  # the list of values says how they are spelled
        charset = column.options.get("charset") or ("" if column.collation else table.options.get("charset"))
        own = column.collation or (None if column.options.get("charset") else table.options.get("collate"))
        settings = self.dialect.server.settings
        inherited = settings.get("collation") if settings and not charset else None
        return own or ("binary" if charset == "binary" else None) or inherited or "general_ci"

    def collation(self, name: str | None, where: str) -> str | None:
        here = collation_of(name)
        if name and here is None and folded(name) not in BYTEWISE and self.source not in expressions.MYSQL:
            self.report_loss(where, f"COLLATE {name} is left out", "SQLite compares byte by byte")
        return here

    def checks_of(self, table: Table, column: Column, domains: Iterable[Domain], where: str) -> Iterator[Check]:
        """Checks that replace those of the column's enum or domain."""
        here, named = self.here(table.ref), (column.name,)
        base = self.base(column.type)[0]
        values = self.labels(base)
        if values is not None:
            labels = ", ".join("'" + label.replace("'", "''") + "'" for label in values)
            text = f"{quote(column.name)} IN ({labels})"
            yield Check(here, None, Expression(text), columns=named, implicit=True)
        for domain in domains:
            for name, expression in domain.checks:
                text_or_none = self.check_text(
                    Expression(_of_value(expression.text, quote(column.name))), table.columns
                )
                if text_or_none is None:
                    self.report_loss(
                        where, f"check {name} of domain {domain.name} is left out", "SQLite has no such expression"
                    )
                else:
                    yield Check(here, None, Expression(text_or_none), columns=named, implicit=True)

    def check_text(self, expression: Expression, columns: Iterable[str]) -> str | None:
        text = expressions.translated(expression.text, self.source)
        return text if text is not None and expressions.is_check(text, columns) else None

    # -- constraints and indexes

    def member(self, item: Member) -> Member | None:
        where, here = _place(item), self.here(item.table)
        name = None if getattr(item, "implicit", False) else item.name
        match item:
            case PrimaryKey() | Unique():
                return self.key(item, here, name, where)
            case Check():
                enforced = item.options.get("not_enforced") is None
                return self.check(item, here, name, where) if enforced else None
            case ForeignKey():
                return self.foreign_key(item, here, name, where)
            case Index():
                return None if item.implicit and not item.unique else self.index(item, here, where)
        return None

    def key(self, item: PrimaryKey | Unique, here: Ref, name: str | None, where: str) -> Member:
        if item.deferrable:
            self.report_loss(where, "is checked at once", "SQLite defers foreign keys only")
        if isinstance(item, PrimaryKey):
            return PrimaryKey(here, name, item.columns, implicit=name is None)
        if item.nulls_not_distinct:
            self.report_loss(where, "lets NULL occur more than once", "for SQLite NULLs are always distinct")
        return Unique(here, name, item.columns, implicit=name is None)

    def check(self, item: Check, here: Ref, name: str | None, where: str) -> Check | None:
        table = self.source_schema.table(item.table)
        text = self.check_text(item.expression, table.columns)
        if text is None:
            self.report_loss(where, "is left out", f"SQLite has no such expression: {item.expression.text}")
            return None
        return Check(here, name, Expression(text), columns=item.columns, implicit=name is None)

    def foreign_key(self, item: ForeignKey, here: Ref, name: str | None, where: str) -> ForeignKey:
        if item.match not in (None, "simple"):
            self.report_loss(where, f"MATCH {item.match.upper()} is not checked", "SQLite knows the simple match only")
        return replace(
            item,
            table=here,
            name=name,
            ref_table=self.here(item.ref_table),
            on_update=self.action(item.on_update, where),
            on_delete=self.action(item.on_delete, where),
            match=None,
            comment=None,
            options=NO_OPTIONS,
            implicit=name is None,
        )

    def action(self, action: str | None, where: str) -> str | None:
        if action is None or "(" not in action:
            return action
        self.report_loss(where, f"{action.upper()} concerns all its columns", "SQLite takes no list of them")
        return action.partition("(")[0].strip()

    def index(self, item: Index, here: Ref, where: str) -> Index | None:
        if item.method not in _PLAIN_METHODS:
            self.report_loss(where, "is left out", f"SQLite has no {item.method} indexes")
            return None
        columns = tuple(self.source_schema.table(item.table).columns)
        predicate = expressions.translated(item.where.text, self.source) if item.where is not None else None
        elements = [self.element(item, element, predicate, columns, where) for element in item.elements]
        translated = [element for element in elements if element is not None]
        if len(translated) < len(elements) or (item.where is not None and predicate is None):
            self.report_loss(where, "is left out", "SQLite has no such expression")
            return None
        if item.nulls_not_distinct:
            self.report_loss(where, "lets NULL occur more than once", "for SQLite NULLs are always distinct")
        name = None
        if item.name:
            name = prefixed(index_name(item.name, item.table.name, self.dialect), item.table.schema)
        where_text = Expression(predicate) if predicate is not None else None
        words = frozenset().union(*(mentioned_words(text) for text in _texts(translated, predicate)))
        used = tuple(column for column in columns if fold_case(column) in words)
        return Index(
            here, name, tuple(translated), unique=item.unique, where=where_text, columns=used, implicit=item.implicit
        )

    def element(
        self, index: Index, element: IndexElement, predicate: str | None, columns: Iterable[str], where: str
    ) -> IndexElement | None:
        collation = self.collation(element.collation, where)
        if element.length is not None and element.column is not None:
            return self.beginning(index, element) if index.unique else replace(element, length=None, opclass=None)
        if element.expression is None:
            fine = predicate is None or expressions.is_key(quote(element.column or ""), predicate, columns)
            return IndexElement(element.column, None, element.descending, collation=collation) if fine else None
        text = expressions.translated(element.expression.text, self.source)
        if text is None or not expressions.is_key(f"({text})", predicate, columns):
            return None
        return IndexElement(None, Expression(text), element.descending, collation=collation)

    def beginning(self, index: Index, element: IndexElement) -> IndexElement:
        """The first characters of a column, of which a unique index allows one row each. An index that is not unique has them
        for speed only."""
        table = self.source_schema.table(index.table)
        column = table.columns[element.column or ""]
        collation = collation_of(self.collation_name(table, column, self.base(column.type)[0]))
        text = f"substr({quote(column.name)}, 1, {element.length})"
        return IndexElement(None, Expression(text), element.descending, collation=collation)


def _texts(elements: Iterable[IndexElement], predicate: str | None) -> Iterator[str]:
    if predicate is not None:
        yield predicate
    for element in elements:
        if element.expression is not None:
            yield element.expression.text


def _of_value(text: str, column: str) -> str:
    """Check of a domain with the column in place of VALUE."""
    return Expression(text, "-").renamed("value", column.strip('"')).text


def _path(ref: Ref) -> str:
    return ".".join(part for part in (ref.schema, ref.name) if part)


def _place(item: Member) -> str:
    """``users.ix_users_tags``."""
    return f"{_path(item.table)}.{item.name or item.label()}"
