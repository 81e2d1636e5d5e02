"""Entity-relationship diagram of a schema as values: tables, views, relations, other objects, and what changes about each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from . import kinds
from .change import Rename, after_renames
from .dialect import SchemaDialect
from .model import Column, Definition, ForeignKey, Identity, Index, Member, Object, PrimaryKey, Schema, Table, Unique
from .object_differences import object_differences
from .object_text import body, default_text, type_text
from .redaction import MASK, redacted_text
from .sqltext import TokenKind, tokens
from .types import Ref


class ChangeMark(StrEnum):
    """What happens to a part of the schema."""

    NONE = ""
    ADDED = "added"
    DROPPED = "dropped"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to a part of the schema, and where that is decided."""

    mark: ChangeMark = ChangeMark.NONE
    detail: str = ""
    """For a change: ``type INTEGER → BIGINT``, ``renamed from mail``."""
    unwritten: bool = False
    """Whether only the models say so: no migration file has it yet."""


STAYS = Fate()


@dataclass(frozen=True, slots=True)
class DiagramColumn:
    """A column of a table or view. ``default`` is SQL; ``extra`` are its other properties in words."""

    name: str
    type: str
    nullable: bool = True
    primary: bool = False
    foreign: bool = False
    unique: bool = False
    """Whether it alone is unique."""
    numbered: bool = False
    """Whether the server numbers it."""
    default: str | None = None
    comment: str | None = None
    extra: str = ""
    fate: Fate = STAYS


@dataclass(frozen=True, slots=True)
class DiagramMember:
    """A constraint, index, trigger, policy or the like of a table; ``definition`` is SQL."""

    kind: str
    name: str | None
    definition: str
    columns: tuple[str, ...] = ()
    unique: bool = False
    comment: str | None = None
    fate: Fate = STAYS


@dataclass(frozen=True, slots=True)
class DiagramTable:
    """A table, or a view (``definition`` is then its SQL)."""

    ref: Ref
    kind: str
    name: str
    """With its schema outside the default one."""
    columns: tuple[DiagramColumn, ...]
    members: tuple[DiagramMember, ...] = ()
    comment: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    partitions: tuple[str, ...] = ()
    definition: str = ""
    fate: Fate = STAYS

    @property
    def is_table(self) -> bool:
        """Whether it has rows of its own."""
        return self.kind == "table"


@dataclass(frozen=True, slots=True)
class DiagramRelation:
    """A foreign key from ``table`` to ``target``, or without columns: the view ``table`` reads ``target``."""

    table: Ref
    target: Ref
    name: str = ""
    columns: tuple[str, ...] = ()
    target_columns: tuple[str, ...] = ()
    one: bool = False
    """Whether at most one row of ``table`` refers to a row of ``target``."""
    optional: bool = False
    """Whether a row of ``table`` may refer to none."""
    definition: str = ""
    actions: tuple[str | None, str | None] = (None, None)
    """ON DELETE and ON UPDATE, lower case."""
    fate: Fate = STAYS


@dataclass(frozen=True, slots=True)
class DiagramObject:
    """An object that is neither a table or view nor part of one."""

    kind: str
    name: str
    definition: str
    values: tuple[str, ...] = ()
    """Values of an enumeration."""
    fate: Fate = STAYS


@dataclass(frozen=True, slots=True)
class Diagram:
    """Everything in a schema, sorted by name."""

    tables: tuple[DiagramTable, ...] = ()
    relations: tuple[DiagramRelation, ...] = ()
    objects: tuple[DiagramObject, ...] = ()
    labels: Mapping[Ref, str] = field(default_factory=dict)
    """Names of the tables and views."""


def diagram(
    before: Schema,
    after: Schema,
    dialect: SchemaDialect,
    renames: Iterable[Rename] = (),
    unwritten: Collection[Ref] = (),
) -> Diagram:
    """Diagram of ``before`` and ``after`` in one, with what the way between them adds, drops and changes.

    ``renames`` lead from the one to the other. ``unwritten`` are objects and columns that change without a migration file.
    """
    return _Comparison(before, after, dialect, tuple(renames), frozenset(unwritten)).diagram()


def display_name(ref: Ref) -> str:
    """``users``, ``audit.log``: without quotes."""
    return f"{ref.schema}.{ref.name}" if ref.schema else ref.name


def merged(former: Iterable[str], present: Iterable[str]) -> Iterator[str]:
    """The names of both, the former ones that are gone behind what stood before them."""
    former, present = list(former), list(present)
    remaining, gone_after = set(present), dict[str | None, list[str]]()
    previous: str | None = None
    for name in former:
        if name in remaining:
            previous = name
        else:
            gone_after.setdefault(previous, []).append(name)
    yield from gone_after.get(None, ())
    for name in present:
        yield name
        yield from gone_after.get(name, ())


class _Comparison:
    """Two schemas and their diagram."""

    def __init__(
        self,
        before: Schema,
        after: Schema,
        dialect: SchemaDialect,
        renames: tuple[Rename, ...],
        unwritten: frozenset[Ref],
    ) -> None:
        moved = after_renames(before, renames)
        self.before, self.after, self.dialect, self.unwritten = moved, after, dialect, unwritten
        self.former_names = {new: old for old, new in zip(before, moved, strict=True) if old != new}
        self.former_names |= {rename.new: rename.old for rename in renames if rename.new.kind == "column"}
        self.union = Schema({**dict(moved.items()), **dict(after.items())})

    def diagram(self) -> Diagram:
        """Build it."""
        pictured = [ref for ref, item in self.union.items() if isinstance(item, Table) or item.kind in kinds.READABLE]
        pictured.sort(key=lambda ref: (ref.schema or "", ref.name, ref.kind))
        tables = tuple(map(self._table, pictured))
        relations = (*self._foreign_keys(pictured), *self._readings(pictured))
        return Diagram(tables, relations, tuple(self._objects()), {table.ref: table.name for table in tables})

    def fate(self, ref: Ref, old: Object | None, new: Object | None) -> Fate:
        """What happens to an object with these two versions."""
        unwritten = ref in self.unwritten
        if old is None or new is None:
            return Fate(ChangeMark.ADDED if old is None else ChangeMark.DROPPED, "", unwritten)
        details = [line.text for line in object_differences("", old, new, self.dialect)] if old != new else []
        former = self.former_names.get(ref)
        if former is not None:
            details.insert(0, f"renamed from {former.name}")
        if not details and old == new:
            return STAYS
        return Fate(ChangeMark.CHANGED, "; ".join(details), unwritten)

    # -- tables and views

    def _table(self, ref: Ref) -> DiagramTable:
        item = self.union.get(ref)
        if isinstance(item, Definition):
            columns = tuple(DiagramColumn(name, text) for name, text in item.columns)
            fate = self.fate(ref, self.before.get(ref), self.after.get(ref))
            title = kinds.title(item.kind)
            return DiagramTable(
                ref, title, display_name(ref), columns, self._members(ref), item.comment, (), (), self._text(item), fate
            )
        assert isinstance(item, Table)
        members, columns = self._members(ref), self._columns(ref)
        return DiagramTable(
            ref,
            "table",
            display_name(ref),
            columns,
            members,
            item.comment,
            tuple((key, self._without_secrets(value, key in _WITH_SECRETS)) for key, value in item.options),
            tuple(f"{part.name} {part.bounds}" for part in item.partitions),
            fate=self._table_fate(ref, columns, members),
        )

    def _table_fate(self, ref: Ref, columns: Iterable[DiagramColumn], members: Iterable[DiagramMember]) -> Fate:
        old, new = self.before.get(ref), self.after.get(ref)
        if not isinstance(old, Table) or not isinstance(new, Table):
            return self.fate(ref, old, new)
        former = self.former_names.get(ref)
        details = [f"renamed from {display_name(former)}"] if former is not None else []
        if not old.same_frame(new):
            details.append("options or comment")
        parts = [column.fate for column in columns] + [member.fate for member in members]
        fates = [fate for fate in parts if fate.mark is not ChangeMark.NONE]
        if not details and not fates:
            return STAYS
        unwritten = ref in self.unwritten or (bool(fates) and all(fate.unwritten for fate in fates))
        return Fate(ChangeMark.CHANGED, "; ".join(details), unwritten)

    def _columns(self, ref: Ref) -> tuple[DiagramColumn, ...]:
        old, new = (self._columns_in(schema, ref) for schema in (self.before, self.after))
        keys = [item for item in self._member_objects(ref) if isinstance(item, Member)]
        primary = {name for item in keys if isinstance(item, PrimaryKey) for name in item.columns}
        foreign = {name for item in keys if isinstance(item, ForeignKey) for name in item.columns}
        unique = {columns[0] for columns in unique_keys(keys) if len(columns) == 1}
        whole = not old or not new  # a new or dropped table says it for its columns
        return tuple(
            self._column(
                new.get(name) or old[name],
                STAYS if whole else self.fate(Ref("column", name, ref.schema, ref.name), old.get(name), new.get(name)),
                name in primary,
                name in foreign,
                name in unique,
            )
            for name in merged(old, new)
        )

    @staticmethod
    def _columns_in(schema: Schema, ref: Ref) -> Mapping[str, Column]:
        table = schema.get(ref)
        return table.columns if isinstance(table, Table) else {}

    def _column(self, column: Column, fate: Fate, primary: bool, foreign: bool, unique: bool) -> DiagramColumn:
        return DiagramColumn(
            column.name,
            type_text(column.type, self.dialect),
            column.nullable,
            primary,
            foreign,
            unique,
            column.identity is not None,
            redacted_text(default_text(column.default)) if column.default is not None else None,
            column.comment,
            ", ".join(_extras(column)),
            fate,
        )

    # -- what belongs to a table

    def _member_objects(self, ref: Ref) -> list[Object]:
        both = {item.ref: item for schema in (self.before, self.after) for item in schema.members(ref)}
        return sorted(both.values(), key=lambda item: (kinds.rank_in_table(item.kind), item.ref.name))

    def _members(self, ref: Ref) -> tuple[DiagramMember, ...]:
        whole = ref not in self.before or ref not in self.after
        return tuple(
            DiagramMember(
                kinds.title(item.kind),
                str(name) if (name := getattr(item, "name", None)) else None,
                self._text(item),
                item.column_names() if isinstance(item, Member) else (),
                isinstance(item, Unique) or (isinstance(item, Index) and item.unique),
                getattr(item, "comment", None),
                STAYS if whole else self.fate(item.ref, self.before.get(item.ref), self.after.get(item.ref)),
            )
            for item in self._member_objects(ref)
        )

    # -- texts

    def _text(self, item: Object) -> str:
        text = item.sql.text if isinstance(item, Definition) else body(item, self.dialect)
        return self._without_secrets(text, item.kind in _WITH_SECRETS)

    def _without_secrets(self, text: str, everywhere: bool) -> str:
        """The text with its passwords masked; with ``everywhere`` each of its strings, which may be one."""
        text = redacted_text(text)
        if not everywhere:
            return text
        pieces = tokens(text, self.dialect.lexical_rules)
        return "".join(f"'{MASK}'" if piece.kind is TokenKind.STRING else piece.text for piece in pieces)

    # -- relations

    def _foreign_keys(self, pictured: Collection[Ref]) -> Iterator[DiagramRelation]:
        existing = set(pictured)
        for ref in pictured:
            members = self._member_objects(ref)
            unique, columns = {frozenset(key) for key in unique_keys(members)}, self._columns_in(self.union, ref)
            for item in members:
                if isinstance(item, ForeignKey) and item.ref_table in existing:
                    yield DiagramRelation(
                        ref,
                        item.ref_table,
                        item.name or "",
                        item.columns,
                        item.ref_columns,
                        frozenset(item.columns) in unique,
                        any(columns[name].nullable for name in item.columns if name in columns),
                        body(item, self.dialect),
                        (item.on_delete, item.on_update),
                        self.fate(item.ref, self.before.get(item.ref), self.after.get(item.ref)),
                    )

    def _readings(self, pictured: Collection[Ref]) -> Iterator[DiagramRelation]:
        existing = {(ref.schema, ref.name): ref for ref in pictured}
        for ref in pictured:
            item = self.union.get(ref)
            if isinstance(item, Definition):
                places = {(used.schema, used.table or used.name) for used in item.needs if used.kind in _READ}
                targets = (existing[place] for place in sorted(places, key=str) if place in existing)
                fate = self.fate(ref, self.before.get(ref), self.after.get(ref))
                yield from (DiagramRelation(ref, target, fate=fate) for target in targets if target != ref)

    # -- other objects

    def _objects(self) -> Iterator[DiagramObject]:
        for ref, item in sorted(self.union.items(), key=lambda pair: (kinds.rank(pair[0].kind), *pair[0].key)):
            if ref.table is None and not isinstance(item, Table) and item.kind not in kinds.READABLE:
                yield DiagramObject(
                    kinds.title(ref.kind),
                    display_name(ref),
                    self._text(item),
                    tuple(getattr(item, "values", ())) if ref.kind == "enum" else (),
                    self.fate(ref, self.before.get(ref), self.after.get(ref)),
                )


_WITH_SECRETS = frozenset({"foreign_server", "foreign_table", "named_collection", "dictionary", "engine"})
"""Kinds of objects, and the option of a table, whose strings may be credentials of another server."""
_READ = kinds.READABLE | {"table", "column"}
"""Kinds of objects by which a view names what it reads."""


def unique_keys(members: Iterable[Object]) -> Iterator[tuple[str, ...]]:
    """Columns of each key that holds for all rows: primary keys, unique constraints, plain unique indexes."""
    for item in members:
        if isinstance(item, PrimaryKey | Unique):
            yield item.columns
        elif isinstance(item, Index) and item.unique and item.where is None:
            plain = tuple(element.column for element in item.elements if element.column)
            if len(plain) == len(item.elements):
                yield plain


def _extras(column: Column) -> Iterator[str]:
    if column.identity is not None:
        yield _identity(column.identity)
    if column.computed is not None:
        yield f"generated as ({column.computed.expression.text})" + (" stored" if column.computed.stored else "")
    if column.collation:
        yield f"collate {column.collation}"
    yield from (f"{key} {value}" for key, value in column.options)


def _identity(identity: Identity) -> str:
    if identity.mode in ("always", "by default"):
        return f"generated {identity.mode} as identity"
    return "auto" if identity.mode == "auto" else identity.mode.replace("_", " ")
