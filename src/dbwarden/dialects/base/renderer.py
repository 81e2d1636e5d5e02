"""Printer of objects and changes as SQL. Each clause has its method; a vendor overrides those in which it differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from dbwarden.core import kinds
from dbwarden.core.change import Add, Change, Drop, Rename
from dbwarden.core.column_places import ColumnPlace
from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    Definition,
    Exclude,
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
from dbwarden.core.order import part_key
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.errors import Unsupported

from .names import Quoting, block, literal

NO_NAMES: frozenset[str] = frozenset()


def fill_placeholder(column: Ref) -> str:
    """Comment that asks the author of a file to fill a column."""
    return (
        f"-- Fill {str(column).partition(' ')[2]} here: the rows that exist have no value, and NOT NULL refuses them."
    )


class Renderer:
    """Printer for one engine. Statements have no trailing semicolon. A method named after a clause returns that clause, or
    an empty text."""

    product: ClassVar[str]
    """Name of the engine in messages."""
    quoting: ClassVar[Quoting]
    drops: ClassVar[Mapping[str, str]] = {"view": "DROP VIEW {name}", "trigger": "DROP TRIGGER {name}"}
    """DROP statements of text-defined kinds."""

    # -- names --------------------------------------------------------------------------------------------------------

    def quote(self, name: str) -> str:
        """An identifier, quoted only if needed."""
        return self.quoting(name)

    def names(self, columns: Iterable[str]) -> str:
        """``a, b, c``."""
        return ", ".join(map(self.quote, columns))

    def qualified(self, name: str, schema: str | None) -> str:
        """A name with its schema, unless that is the default one."""
        return f"{self.quote(schema)}.{self.quote(name)}" if schema else self.quote(name)

    def of(self, ref: Ref) -> str:
        """Qualified name of a table, type, sequence or the like."""
        return self.qualified(ref.name, ref.schema)

    # -- columns ------------------------------------------------------------------------------------------------------

    def type(self, datatype: DataType) -> str:
        """A type as it is written in the definition of a column; empty for a column without a type."""
        text = datatype.name.upper()
        if datatype.args:
            text += f"({', '.join(datatype.args)})"
        return f"{text} {datatype.modifiers.upper()}" if datatype.modifiers else text

    def column(self, column: Column, members: Iterable[Member] = (), table: Table | None = None) -> str:
        """A column as it is written in CREATE TABLE and ADD COLUMN, with its inline constraints ``members``."""
        inline = (self.inline_constraint(member, table) for member in sorted(members, key=part_key))
        return " ".join(filter(None, (self.quote(column.name), *self.column_clauses(column), *inline)))

    def column_clauses(self, column: Column) -> Iterator[str]:
        """Clauses after the column's name, in this order; empty ones are left out."""
        yield self.type(column.type)
        yield self.collate_clause(column)
        yield self.generated(column.computed) if column.computed is not None else self.default(column)
        yield self.not_null(column)

    def collate_clause(self, column: Column) -> str:
        return f"COLLATE {self.collation(column.collation)}" if column.collation else ""

    def collation(self, name: str) -> str:
        """The name of a collation."""
        return self.quote(name)

    def generated(self, computed: Computed) -> str:
        kind = "VIRTUAL" if computed.stored is False else "STORED"
        return f"GENERATED ALWAYS AS ({computed.expression}) {kind}"

    def default(self, column: Column) -> str:
        return f"DEFAULT {column.default}" if column.default is not None else ""

    def not_null(self, column: Column) -> str:
        return "" if column.nullable else "NOT NULL"

    # -- constraints --------------------------------------------------------------------------------------------------

    def constraint(self, member: Member, taken: frozenset[str] = NO_NAMES) -> str:
        """A constraint as it is written in CREATE TABLE and ADD; ``taken`` are the names of other objects."""
        name = self.constraint_name(member, taken)
        return f"CONSTRAINT {self.quote(name)} {self.body(member)}" if name else self.body(member)

    def constraint_name(self, member: Member, taken: frozenset[str]) -> str | None:
        """The name to write; ``None`` to write none."""
        return member.name

    def inline_constraint(self, member: Member, table: Table | None) -> str:
        """A constraint as it is written inside its column's definition."""
        raise self.unsupported(str(member.ref), "it cannot stand at a column")

    def body(self, member: Member) -> str:
        """A constraint without its name."""
        match member:
            case PrimaryKey():
                return f"PRIMARY KEY ({self.key_columns(member)}){self.key_tail(member)}"
            case Unique():
                distinct = " NULLS NOT DISTINCT" if member.nulls_not_distinct else ""
                return f"UNIQUE{distinct} ({self.key_columns(member)}){self.key_tail(member)}"
            case Check():
                return f"CHECK ({member.expression}){self.check_tail(member)}"
            case ForeignKey():
                return f"FOREIGN KEY ({self.names(member.columns)}) {self.references(member)}"
        raise self.unsupported(str(member.ref), f"it has no {member.kind} constraints")

    def key_columns(self, key: PrimaryKey | Unique) -> str:
        """Columns of a key, inside its parentheses."""
        return self.names(key.columns)

    def key_tail(self, key: PrimaryKey | Unique) -> str:
        """Clauses after the columns of a key."""
        return self.deferrable(key)

    def check_tail(self, check: Check) -> str:
        """Clauses after the condition of a check."""
        return ""

    def references(self, key: ForeignKey) -> str:
        """REFERENCES with MATCH, ON DELETE, ON UPDATE and DEFERRABLE."""
        text = f"REFERENCES {self.of(key.ref_table)}"
        if key.ref_columns:
            text += f" ({self.names(key.ref_columns)})"
        if key.match:
            text += f" MATCH {key.match.upper()}"
        if key.on_delete:
            text += f" ON DELETE {self.action(key.on_delete)}"
        if key.on_update:
            text += f" ON UPDATE {self.action(key.on_update)}"
        return text + self.deferrable(key)

    def action(self, action: str) -> str:
        """Action of a foreign key in upper case, except column names (``SET NULL (a)``)."""
        verb, opening, columns = action.partition("(")
        return verb.upper() + opening + columns

    def deferrable(self, member: PrimaryKey | Unique | ForeignKey | Exclude) -> str:
        """DEFERRABLE, with a leading blank."""
        if not member.deferrable:
            return ""
        return " DEFERRABLE INITIALLY DEFERRED" if member.initially == "deferred" else " DEFERRABLE"

    # -- indexes ------------------------------------------------------------------------------------------------------

    def index(self, index: Index, manner: str = "") -> str:
        """CREATE INDEX; ``manner`` is an additional word such as CONCURRENTLY."""
        words = ("CREATE", "UNIQUE" if index.unique else "", "INDEX", manner, self.quote(index.name or ""))
        head = f"{' '.join(filter(None, words))} ON {self.of(index.table)}{self.index_method(index)}"
        where = f" WHERE {index.where}" if index.where is not None else ""
        return f"{head} ({', '.join(map(self.element, index.elements))}){self.index_tail(index)}{where}"

    def index_method(self, index: Index) -> str:
        """USING, with a leading blank."""
        return f" USING {index.method}" if index.method else ""

    def index_tail(self, index: Index) -> str:
        """Clauses between the keys of an index and WHERE."""
        return ""

    def element(self, element: IndexElement) -> str:
        """A key of an index with its collation, operator class and order."""
        expression = element.expression
        text = self.quote(element.column or "") if expression is None else self.key_expression(expression)
        if element.collation:
            text += f" COLLATE {self.collation(element.collation)}"
        if element.opclass:
            text += f" {element.opclass}"
        if element.descending:
            text += " DESC"
        return f"{text} NULLS {element.nulls.upper()}" if element.nulls else text

    def key_expression(self, expression: Expression) -> str:
        """An expression as the key of an index."""
        return f"({expression})"

    # -- tables -------------------------------------------------------------------------------------------------------

    def create(self, table: Table, parts: Iterable[Object], before: Schema) -> Iterator[str]:
        """CREATE TABLE, then indexes, comments and other statements for what CREATE TABLE cannot express."""
        members = sorted((part for part in parts if isinstance(part, Member)), key=part_key)
        apart = [member for member in members if self.needs_own_statement(member)]
        taken = self.taken_names(before)
        yield self.create_table(table, [member for member in members if member not in apart], taken=taken)
        for member in sorted(apart, key=lambda member: not isinstance(member, Index)):
            yield self.add(member, taken)
        if table.comment is not None:
            yield self.comment(f"TABLE {self.of(table.ref)}", table.comment)
        for column in table.columns.values():
            yield from self.column_extras(column, table.ref)
        for member in members:
            yield from self.member_comment(member)

    def create_table(
        self, table: Table, members: Iterable[Member], name: str | None = None, taken: frozenset[str] = NO_NAMES
    ) -> str:
        """CREATE TABLE with its constraints, under another ``name`` if one is given."""
        inline: dict[str | None, list[Member]] = {}
        for member in sorted(members, key=part_key):
            inline.setdefault(self.inline_column(member, table), []).append(member)
        items = [self.column(column, inline.get(column.name, ()), table) for column in table.columns.values()]
        items += [self.constraint(member, taken) for member in inline.get(None, ())]
        opening = f"CREATE {self.table_word(table)} {self.quote(name) if name else self.of(table.ref)} ("
        return block(opening, items) + self.table_tail(table)

    def needs_own_statement(self, member: Member) -> bool:
        """Whether a member of a new table needs a statement of its own."""
        return isinstance(member, Index)

    def inline_column(self, member: Member, table: Table) -> str | None:
        """Name of the column whose definition includes the constraint; ``None`` for a table constraint."""
        return None

    def table_word(self, table: Table) -> str:
        """Words after CREATE, such as ``UNLOGGED TABLE``."""
        return "TABLE"

    def table_tail(self, table: Table) -> str:
        """Clauses after the closing parenthesis."""
        return ""

    def taken_names(self, schema: Schema) -> frozenset[str]:
        """Names that ``constraint_name`` has to avoid."""
        return NO_NAMES

    # -- changes of a table -------------------------------------------------------------------------------------------

    def add_column(self, column: Column, table: Ref, members: Iterable[Member] = ()) -> tuple[str, ...]:
        """ADD COLUMN, and further statements for what it cannot express."""
        added = f"ALTER TABLE {self.of(table)} ADD COLUMN {self.column(column, members)}"
        return (added, *self.column_extras(column, table))

    def column_place(self, place: ColumnPlace | None) -> str:
        """FIRST or AFTER behind the definition of a new column; nothing for one that comes last."""
        if place is None:
            return ""
        return " FIRST" if place.after is None else f" AFTER {self.quote(place.after)}"

    def drop_column(self, column: Column, table: Ref) -> tuple[str, ...]:
        return (f"ALTER TABLE {self.of(table)} DROP COLUMN {self.quote(column.name)}",)

    def column_extras(self, column: Column, table: Ref) -> Iterator[str]:
        """Statements for what the definition of a column cannot express."""
        if column.comment is not None:
            yield self.comment(f"COLUMN {self.column_path(table, column.name)}", column.comment)

    def column_path(self, table: Ref, name: str) -> str:
        """``table.column``."""
        return f"{self.of(table)}.{self.quote(name)}"

    def add_member(self, member: Member, taken: frozenset[str] = NO_NAMES) -> tuple[str, ...]:
        """ADD CONSTRAINT or CREATE INDEX, with the comment."""
        return (self.add(member, taken), *self.member_comment(member))

    def add(self, member: Member, taken: frozenset[str] = NO_NAMES) -> str:
        if isinstance(member, Index):
            return self.index(member)
        return f"ALTER TABLE {self.of(member.table)} ADD {self.constraint(member, taken)}"

    def drop_member(self, member: Member) -> tuple[str, ...]:
        """DROP INDEX or DROP CONSTRAINT."""
        if isinstance(member, Index):
            return (f"DROP INDEX {self.qualified(member.name or '', member.table.schema)}",)
        return (f"ALTER TABLE {self.of(member.table)} DROP CONSTRAINT {self.quote(member.name or '')}",)

    # -- comments -----------------------------------------------------------------------------------------------------

    def comment(self, target: str, text: str | None) -> str:
        """COMMENT ON ``what``; ``None`` removes the comment."""
        return f"COMMENT ON {target} IS {'NULL' if text is None else literal(text)}"

    def member_comment(self, member: Member) -> tuple[str, ...]:
        """COMMENT ON a constraint or index, if it has a comment."""
        text = getattr(member, "comment", None)
        return () if text is None else (self.comment(self.member_title(member), text),)

    def member_title(self, member: Member) -> str:
        """``INDEX name`` or ``CONSTRAINT name ON table``, for COMMENT ON."""
        if isinstance(member, Index):
            return f"INDEX {self.qualified(member.name or '', member.table.schema)}"
        return f"CONSTRAINT {self.quote(member.name or '')} ON {self.of(member.table)}"

    # -- text-defined kinds -------------------------------------------------------------------------------------------

    def create_definition(self, definition: Definition) -> tuple[str, ...]:
        """The CREATE statement as it was written."""
        self._drop_template(definition)
        return (definition.sql.text.strip().removesuffix(";"),)

    def drop_definition(self, definition: Definition) -> tuple[str, ...]:
        template = self._drop_template(definition)
        return (template.format(name=self.qualified(definition.name, definition.schema)),)

    def _drop_template(self, definition: Definition) -> str:
        template = self.drops.get(definition.kind)
        if template is None:
            raise self.unsupported(str(definition.ref), f"it has no {kinds.title(definition.kind)}")
        return template

    # -- changes ------------------------------------------------------------------------------------------------------

    def statements(self, change: Change, before: Schema, after: Schema) -> tuple[str, ...]:
        """Statements of one change. Raises ``Unsupported`` for a change that this class does not print."""
        match change:
            case Add(Table() as table, parts=parts):
                return tuple(self.create(table, parts, before))
            case Drop(Table() as table):
                return (f"DROP TABLE {self.of(table.ref)}",)
            case Add(Column() as column, on=Ref() as table, parts=parts):
                return self.add_column(column, table, [part for part in parts if isinstance(part, Member)])
            case Drop(Column() as column, on=Ref() as table):
                return self.drop_column(column, table)
            case Add(Member() as member):
                return self.add_member(member, self.taken_names(before))
            case Drop(Member() as member):
                return self.drop_member(member)
            case Add(Definition() as definition):
                return self.create_definition(definition)
            case Drop(Definition() as definition):
                return self.drop_definition(definition)
            case Rename(old, new):
                return self.rename(old, new)
        raise self.unsupported(change.describe(), f"no statement of {self.product} does this")

    def rename(self, old: Ref, new: Ref) -> tuple[str, ...]:
        """RENAME of a table or column."""
        if old.kind == "table":
            return (f"ALTER TABLE {self.of(old)} RENAME TO {self.quote(new.name)}",)
        if old.kind == "column":
            table = self.qualified(old.table or "", old.schema)
            return (f"ALTER TABLE {table} RENAME COLUMN {self.quote(old.name)} TO {self.quote(new.name)}",)
        raise self.unsupported(f"another name for {old}", "it keeps the name that it was created with")

    def unsupported(self, feature: str, reason: str) -> Unsupported:
        """Error for an object or change that this engine cannot express."""
        return Unsupported(feature=feature, dialect=self.product, reason=reason)
