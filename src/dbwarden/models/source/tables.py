"""Tables, columns, constraints and indexes as source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dbwarden.core.declared_object import Value
from dbwarden.core.dialect import SchemaDialect
from dbwarden.core.model import (
    Check,
    Column,
    Exclude,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Member,
    Object,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from dbwarden.core.options import Options, OptionSpec
from dbwarden.core.types import DataType, Ref

from . import foreign_table, row_security
from .code import Argument, Code, Enclosed, call, items, mapping, quoted
from .declarations import code_of
from .types import TypeSource, TypeSources, text_literal

_NUMBERED = ("smallint", "integer", "bigint", "int", "tinyint", "mediumint")
"""Types that SQLAlchemy numbers by itself in a primary key of one column."""


_GENERATED = ("always", "by default")
_CONSTRAINTS = (PrimaryKey, Unique, Check, ForeignKey, Exclude)
_STATES = ("invalid", "not_valid")
"""Options that no keyword says, because they are states."""
_WITHOUT_KEYWORD = frozenset(
    (("check", "not_enforced"), ("index", "invisible"), ("index", "key_block_size"), ("index", "without_overlaps"))
)
"""Options of MySQL and MariaDB for which SQLAlchemy has no keyword: what the database has stays."""
_KEYWORDS = {("index", "parser"): "with_parser"}
"""SQLAlchemy's keywords for options of other names."""


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """A column as source: the type and its other arguments, without its name."""

    column: Column
    type: TypeSource
    arguments: tuple[Code, ...]
    named: dict[str, Code]

    @property
    def annotation(self) -> str:
        """Its type in Python, for ``Mapped[...]``."""
        return f"{self.type.annotation} | None" if self.column.nullable else self.type.annotation


@dataclass(slots=True)
class TableSource:
    """A table as source: its columns, and the constraints and indexes that stand behind them."""

    table: Table
    columns: list[ColumnSource]
    arguments: list[Code] = field(default_factory=list)
    named: dict[str, Code] = field(default_factory=dict)
    primary_key: PrimaryKey | None = None
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    unique: set[tuple[str, ...]] = field(default_factory=set)
    """The columns of each unique constraint and index."""
    declares: set[str] = field(default_factory=set)
    """What it takes from ``dbwarden.objects``."""
    notes: list[Ref] = field(default_factory=list)
    """What the source does not say."""


class TableSources:
    """The tables of a schema as source."""

    def __init__(self, dialect: SchemaDialect, schema: Schema, types: TypeSources) -> None:
        self.dialect, self.schema, self.types = dialect, schema, types
        self.engine = types.keyword_prefix
        self.clauses = types.clauses
        self.implicit = _implicit_names(schema, dialect)

    def of(self, table: Table) -> TableSource:
        """A table with all that belongs to it."""
        members = [item for item in self.schema.members(table.ref) if isinstance(item, Member)]
        others = [item for item in self.schema.members(table.ref) if not isinstance(item, Member)]
        source = TableSource(table, [])
        source.primary_key = next((item for item in members if isinstance(item, PrimaryKey)), None) or self._key_of(
            table
        )
        source.foreign_keys = [item for item in members if isinstance(item, ForeignKey)]
        source.unique = set(_unique_columns(members))
        inline: dict[str, list[Member]] = {}
        for item in members:
            column = self._inline(item)
            if column is not None:
                inline.setdefault(column, []).append(item)
            else:
                source.arguments += self._member(item, source)
        source.columns = [self._column(column, source, inline.get(name, ())) for name, column in table.columns.items()]
        if table.schema:
            source.named["schema"] = quoted(table.schema)
        if table.comment is not None:
            source.named["comment"] = quoted(table.comment)
        if self.clauses is None:
            source.named.update(self._options(table.options, "table"))
        elif clauses := self.clauses.clauses(table):
            source.arguments.append(self._declared("TableClauses", source, clauses))
        source.notes += [item.ref for item in others]
        return source

    def _key_of(self, table: Table) -> PrimaryKey | None:
        """What a mapped class takes for the primary key where the engine has none."""
        columns = self.clauses.key(table) if self.clauses is not None else ()
        return PrimaryKey(table.ref, None, columns) if columns else None

    def _declared(self, name: str, source: TableSource, named: Mapping[str, Value], *positional: Code) -> Code:
        """A call of something of ``dbwarden.objects``."""
        source.declares.add(name)
        arguments = {key: code_of(value) for key, value in named.items() if value is not None}
        return call(name, *positional, **arguments)

    # -- columns

    def _inline(self, member: Member) -> str | None:
        """The column in which a constraint is written; ``None`` if it stands behind the columns."""
        if isinstance(member, Unique) and len(member.columns) == 1 and member.content() == _plain_unique(member):
            return member.columns[0] if self._name(member) is None and member.comment is None else None
        if isinstance(member, ForeignKey) and len(member.columns) == 1 and not (member.comment or member.options):
            others = [
                item
                for item in self.schema.members(member.table)
                if isinstance(item, ForeignKey) and item.columns == member.columns
            ]
            return member.columns[0] if len(others) == 1 else None
        return None

    def _column(self, column: Column, source: TableSource, inline: Sequence[Member]) -> ColumnSource:
        type_ = self.types.of(column)
        arguments: list[Code] = []
        named: dict[str, Code] = {}
        arguments += [self._column_foreign_key(key) for key in inline if isinstance(key, ForeignKey)]
        if column.identity is not None and column.identity.mode in _GENERATED:
            arguments.append(self._identity(column.identity))
        if column.computed is not None and self.clauses is None:
            stored = None if column.computed.stored is None else str(column.computed.stored)
            arguments.append(call("sa.Computed", text_literal(column.computed.expression.text), persisted=stored))
        key_columns = source.primary_key.columns if source.primary_key else ()
        if column.name in key_columns:
            named["primary_key"] = "True"
            named.update(self._autoincrement(column, source))
        if any(isinstance(item, Unique) for item in inline):
            named["unique"] = "True"
        clauses = self.clauses.clauses(column) if self.clauses is not None else {}
        default = self._default(column) if "ephemeral" not in clauses else None
        if default is not None:
            named["server_default"] = call("sa.text", text_literal(default))
        if column.comment is not None:
            named["comment"] = quoted(column.comment)
        if clauses:
            named["info"] = self._declared("column_clauses", source, clauses)
        if self.clauses is not None:
            return ColumnSource(column, type_, tuple(arguments), named)
        rest = Options.of({name: value for name, value in column.options if name not in dict(type_.options)})
        named.update(self._options(rest.with_(on_update=None), "column"))
        if marks := foreign_table.column_options(column):
            named["info"] = self._declared("foreign_options", source, marks)
        return ColumnSource(column, type_, tuple(arguments), named)

    def _default(self, column: Column) -> str | None:
        default = column.default.text if column.default is not None else None
        on_update = column.options.get("on_update")
        if default is not None and " collate " in default.lower() and not default.startswith("("):
            default = f"({default})"  # otherwise it would be read as the collation of the column
        return f"{default or 'NULL'} ON UPDATE {on_update}" if on_update else default

    def _autoincrement(self, column: Column, source: TableSource) -> Iterator[tuple[str, Code]]:
        """Whether the column is numbered, where SQLAlchemy would assume the opposite."""
        key = source.primary_key
        assumed = (
            key is not None
            and len(key.columns) == 1
            and _is_integer(column.type)
            and column.default is None
            and not any(column.name in item.columns for item in source.foreign_keys)
        )
        explicit = column.identity is not None and column.identity.mode in _GENERATED
        by_itself = self.dialect.autoincrement_column(source.table.ref, self.schema) == column.name
        if explicit or by_itself or not _is_integer(column.type) or column.default is not None:
            return
        if assumed != (column.identity is not None):
            yield "autoincrement", str(not assumed)

    def _identity(self, identity: Identity) -> Code:
        options = {key: _option_value(value) for key, value in identity.options}
        always = "True" if identity.mode == "always" else None
        return call("sa.Identity", **{"always": always, **options})

    def _column_foreign_key(self, key: ForeignKey) -> Code:
        return call("sa.ForeignKey", quoted(_target(key, key.ref_columns[0])), **self._key_options(key))

    def _key_options(self, key: ForeignKey) -> dict[str, Code | None]:
        return {
            "name": self._name(key),
            "ondelete": quoted(_phrase(key.on_delete)) if key.on_delete else None,
            "onupdate": quoted(_phrase(key.on_update)) if key.on_update else None,
            "match": quoted(key.match.upper()) if key.match else None,
            **_deferral(key.deferrable, key.initially),
        }

    # -- members

    def _member(self, member: Member, source: TableSource) -> Iterable[Code]:
        declared = self.clauses.member(member) if self.clauses is not None else None
        if declared is not None:
            body = code_of(declared.body)
            return (self._declared(declared.constructor, source, declared.named, quoted(declared.name), body),)
        if isinstance(member, PrimaryKey):
            return self._primary_key(member, source)
        if isinstance(member, Unique):
            options = self._options(member.options, "unique")
            named = {
                "name": self._name(member),
                **_deferral(member.deferrable, member.initially),
                "comment": quoted(member.comment) if member.comment is not None else None,
                f"{self.engine}_include": items(map(quoted, member.include)) if member.include else None,
                f"{self.engine}_nulls_not_distinct": "True" if member.nulls_not_distinct else None,
                **options,
            }
            return (call("sa.UniqueConstraint", *map(quoted, member.columns), **named),)
        if isinstance(member, Check):
            comment = quoted(member.comment) if member.comment is not None else None
            options = self._options(member.options, "check")
            text = text_literal(member.expression.text)
            return (call("sa.CheckConstraint", text, name=self._name(member), comment=comment, **options),)
        if isinstance(member, ForeignKey):
            columns, targets = (
                map(quoted, member.columns),
                (quoted(_target(member, name)) for name in member.ref_columns),
            )
            comment = quoted(member.comment) if member.comment is not None else None
            options = self._options(member.options, "foreign_key")
            arguments = (items(columns), items(targets))
            return (
                call("sa.ForeignKeyConstraint", *arguments, **self._key_options(member), comment=comment, **options),
            )
        if isinstance(member, Index):
            return (self._index(member),)
        if isinstance(member, Exclude):
            return (self._exclude(member),)
        source.notes.append(member.ref)
        return ()

    def _primary_key(self, key: PrimaryKey, source: TableSource) -> Iterable[Code]:
        """The key as a constraint; nothing if the columns say all of it."""
        in_order = tuple(name for name in source.table.columns if name in key.columns) == key.columns
        named = {
            "name": self._name(key),
            **_deferral(key.deferrable, key.initially),
            "comment": quoted(key.comment) if key.comment is not None else None,
            f"{self.engine}_include": items(map(quoted, key.include)) if key.include else None,
            **self._options(key.options, "primary_key"),
        }
        if in_order and not any(value is not None for value in named.values()):
            return ()
        return (call("sa.PrimaryKeyConstraint", *map(quoted, key.columns), **named),)

    def _index(self, index: Index) -> Code:
        prefix = f"{self.engine}_"
        lengths = [(key.column or "", str(key.length)) for key in index.elements if key.length is not None]
        ops = [(key.column, quoted(key.opclass)) for key in index.elements if key.opclass and _is_plain(key)]
        method = index.method
        by_prefix = method in ("fulltext", "spatial")
        named: dict[str, Code | None] = {
            "unique": "True" if index.unique else None,
            f"{prefix}{'prefix' if by_prefix else 'using'}": quoted(method.upper() if by_prefix else method)
            if method
            else None,
            f"{prefix}include": items(map(quoted, index.include)) if index.include else None,
            f"{prefix}length": mapping(lengths) if lengths else None,
            f"{prefix}ops": mapping((name, code) for name, code in ops if name) if ops else None,
            f"{prefix}where": call("sa.text", text_literal(index.where.text)) if index.where else None,
            f"{prefix}nulls_not_distinct": "True" if index.nulls_not_distinct else None,
            **self._options(index.options, "index"),
        }
        return call("sa.Index", self._name(index) or "None", *map(self._key, index.elements), **named)

    def _key(self, key: IndexElement) -> Code:
        """A key of an index: a column's name, or its SQL."""
        if key.column is not None and _is_plain(key):
            return quoted(key.column)
        words = [self.dialect.quote(key.column) if key.column is not None else f"({key.expression})"]
        words += [f"COLLATE {self._collation(key.collation)}"] if key.collation else []
        words += [key.opclass] if key.opclass else []
        words += ["DESC"] if key.descending else []
        words += [f"NULLS {key.nulls.upper()}"] if key.nulls else []
        return call("sa.text", text_literal(" ".join(words)))

    def _collation(self, collation: str) -> str:
        return ".".join(self.dialect.quote(part) for part in collation.split("."))

    def _exclude(self, exclude: Exclude) -> Code:
        keys = (Enclosed("(", _pair(self._excluded(key), quoted(operator)), ")") for key, operator in exclude.elements)
        ops = [(key.column, quoted(key.opclass)) for key, _ in exclude.elements if key.column and key.opclass]
        return call(
            f"{self.types.module_name}.ExcludeConstraint",
            *keys,
            name=self._name(exclude),
            using=quoted(exclude.method),
            where=call("sa.text", text_literal(exclude.where.text)) if exclude.where else None,
            ops=mapping((name, code) for name, code in ops if name) if ops else None,
            **_deferral(exclude.deferrable, exclude.initially),
        )

    def _excluded(self, key: IndexElement) -> Code:
        return quoted(key.column) if key.column is not None else call("sa.text", text_literal(f"({key.expression})"))

    def _name(self, member: Member) -> Code | None:
        return quoted(member.name) if member.name is not None and member.ref not in self.implicit else None

    def _options(self, options: Options, kind: str) -> dict[str, Code]:
        """Options as keywords of SQLAlchemy's dialect."""
        named: dict[str, Code] = {}
        specs = {spec.key: spec for spec in self.dialect.options.get(kind, ())}
        for name, value in options:
            if kind == "table" and name == "unlogged":
                named["prefixes"] = items([quoted("UNLOGGED")])
            elif (
                name not in (*_STATES, *row_security.OPTIONS, *foreign_table.OPTIONS)
                and (kind, name) not in _WITHOUT_KEYWORD
            ):
                named[f"{self.engine}_{_KEYWORDS.get((kind, name), name)}"] = _option(specs.get(name), value)
        return named


def _implicit_names(schema: Schema, dialect: SchemaDialect) -> frozenset[Ref]:
    """The constraints whose names the server would choose for unnamed ones."""
    constraints = [item for item in schema.objects() if isinstance(item, _CONSTRAINTS)]
    unnamed = (replace(item, name=None, implicit=True) for item in constraints)
    bare = schema.without(*(item.ref for item in constraints)).put(*unnamed)
    names = {
        (item.table, item.content()): item.name
        for item in dialect.canonical(bare).objects()
        if isinstance(item, Member)
    }
    return frozenset(item.ref for item in constraints if names.get((item.table, item.content())) == item.name)


def _pair(first: Code, second: Code) -> tuple[Argument, ...]:
    return (Argument("", first), Argument("", second))


def _plain_unique(member: Unique) -> Object:
    return Unique(member.table, None, member.columns)


def _is_plain(key: IndexElement) -> bool:
    """Whether a key is a column, perhaps with an operator class."""
    return key.column is not None and not (key.descending or key.nulls or key.collation)


def _option(spec: OptionSpec | None, value: str) -> Code:
    """The value of a keyword: a text, unless it is a flag or a list of parameters."""
    if spec is not None and spec.pairs:
        return mapping((name, _option_value(text)) for name, text in spec.split(value).items())
    return value.capitalize() if value in ("true", "false") else quoted(value)


def _option_value(value: str) -> Code:
    if value in ("true", "false"):
        return value.capitalize()
    return value if value.lstrip("-").isdecimal() else quoted(value)


def _deferral(deferrable: bool, initially: str | None) -> dict[str, Code | None]:
    return {
        "deferrable": "True" if deferrable else None,
        "initially": quoted(initially.upper()) if initially else None,
    }


def _phrase(action: str) -> str:
    words, opening, columns = action.partition("(")
    return words.upper() + opening + columns


def _target(key: ForeignKey, column: str) -> str:
    path = (key.ref_table.schema, key.ref_table.name, column)
    return ".".join(part for part in path if part)


def _is_integer(datatype: DataType) -> bool:
    return datatype.name in _NUMBERED and not datatype.array and (datatype.name, datatype.args) != ("tinyint", ("1",))


def _unique_columns(members: Sequence[Member]) -> Iterator[tuple[str, ...]]:
    for item in members:
        if isinstance(item, PrimaryKey | Unique):
            yield item.columns
        elif isinstance(item, Index) and item.unique and item.where is None:
            columns = tuple(key.column for key in item.elements if key.column is not None)
            if len(columns) == len(item.elements):
                yield columns
