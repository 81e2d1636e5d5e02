"""Renderer of PostgreSQL: the clauses in which it differs from the base, and those that only it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from dbwarden.core import kinds
from dbwarden.core.model import (
    Check,
    Column,
    Definition,
    Exclude,
    ForeignKey,
    Index,
    Member,
    PrimaryKey,
    Schema,
    Sequence,
    Table,
    Unique,
)
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.base.names import Quoting, literal
from dbwarden.dialects.base.renderer import NO_NAMES, Renderer

from . import definitions, foreign, names, sequence_options, types
from .implicit_names import implicit_name
from .words import is_call

_SERIAL = {"smallint": "SMALLSERIAL", "integer": "SERIAL", "bigint": "BIGSERIAL"}
_RENAMED = {
    "index": "INDEX", "enum": "TYPE", "composite_type": "TYPE", "domain": "DOMAIN", "sequence": "SEQUENCE",
    "namespace": "SCHEMA", "view": "VIEW", "materialized_view": "MATERIALIZED VIEW", "range_type": "TYPE",
    "statistics": "STATISTICS",
}  # fmt: skip
_RENAMED_ON_TABLE = {"trigger": "TRIGGER", "policy": "POLICY", "rule": "RULE"}


class PostgreSQLRenderer(Renderer):
    product: ClassVar[str] = "PostgreSQL"
    quoting: ClassVar[Quoting] = names.QUOTING

    def quote(self, name: str) -> str:
        return names.quote(name)

    def of(self, ref: Ref) -> str:
        return names.of(ref)

    # -- columns ------------------------------------------------------------------------------------------------------

    def type(self, datatype: DataType) -> str:
        return types.sql(datatype)

    def column_clauses(self, column: Column) -> Iterator[str]:
        identity = column.identity
        serial = identity is not None and identity.mode == "serial"
        yield _SERIAL[column.type.name] if serial else self.type(column.type)
        yield foreign.column_clause(column) if column.options else ""
        yield self.collate_clause(column)
        if column.computed is not None:
            yield self.generated(column.computed)
        elif identity is not None:
            yield "" if serial else self.identity(column)
        else:
            yield self.default(column)
        yield self.not_null(column) if identity is None else ""

    def collation(self, name: str) -> str:
        """Name of a collation, with each part quoted if needed: most names from the system have upper-case letters."""
        return ".".join(self.quote(part) for part in name.replace('"', "").split("."))

    def identity(self, column: Column) -> str:
        """GENERATED ... AS IDENTITY with its options."""
        assert column.identity is not None
        options = sequence_options.sql(column.identity.options)
        return f"GENERATED {column.identity.mode.upper()} AS IDENTITY" + (f" ({options})" if options else "")

    def column_extras(self, column: Column, table: Ref) -> Iterator[str]:
        """Statements that give the sequence of a new serial or identity column its wanted schema, name and options."""
        if column.identity is not None:
            made, wanted = owned_sequence_name(column, table), sequence(column, table)
            if made.schema != wanted.schema:
                yield f"ALTER SEQUENCE {self.of(made)} SET SCHEMA {self.quote(wanted.schema or 'public')}"
            if made.name != wanted.name:
                yield f"ALTER SEQUENCE {self.of(made._replace(schema=wanted.schema))} RENAME TO {self.quote(wanted.name)}"
            if column.identity.mode == "serial" and column.identity.options:
                yield f"ALTER SEQUENCE {self.of(wanted)} {sequence_options.sql(column.identity.options)}"
        yield from super().column_extras(column, table)

    # -- constraints and indexes --------------------------------------------------------------------------------------

    def constraint_name(self, member: Member, taken: frozenset[str]) -> str | None:
        """Name of a constraint; ``None`` if the server would choose the same name."""
        implicit = getattr(member, "implicit", False) and member.name not in taken
        return None if implicit and member.name == implicit_name(member) else member.name or ""

    def body(self, member: Member) -> str:
        return self._exclude(member) if isinstance(member, Exclude) else super().body(member)

    def key_tail(self, key: PrimaryKey | Unique) -> str:
        return self._include(key.include) + self._storage(key) + self.deferrable(key)

    def check_tail(self, check: Check) -> str:
        return " NO INHERIT" if check.no_inherit else ""

    def using_index(self, key: Unique | PrimaryKey, index: str) -> str:
        """A constraint made of an existing index, which is renamed to the constraint's name."""
        kind = "PRIMARY KEY" if isinstance(key, PrimaryKey) else "UNIQUE"
        return f"CONSTRAINT {self.quote(key.name or '')} {kind} USING INDEX {self.quote(index)}{self.deferrable(key)}"

    def _exclude(self, member: Exclude) -> str:
        elements = ", ".join(f"{self.element(element)} WITH {operator}" for element, operator in member.elements)
        where = f" WHERE ({member.where})" if member.where is not None else ""
        tail = f"{self._storage(member)}{where}{self.deferrable(member)}"
        return f"EXCLUDE USING {member.method} ({elements}){tail}"

    def _include(self, columns: tuple[str, ...]) -> str:
        return f" INCLUDE ({self.names(columns)})" if columns else ""

    def _storage(self, key: PrimaryKey | Unique | Exclude) -> str:
        storage, space = key.options.get("with"), key.options.get("tablespace")
        text = f" WITH ({storage})" if storage else ""
        return text + (f" USING INDEX TABLESPACE {self.quote(space)}" if space else "")

    def key_expression(self, expression: Expression) -> str:
        return expression.text if is_call(expression.text) else super().key_expression(expression)

    def index_tail(self, index: Index) -> str:
        storage, space = index.options.get("with"), index.options.get("tablespace")
        distinct = " NULLS NOT DISTINCT" if index.nulls_not_distinct else ""
        text = self._include(index.include) + distinct + (f" WITH ({storage})" if storage else "")
        return text + (f" TABLESPACE {self.quote(space)}" if space else "")

    # -- tables -------------------------------------------------------------------------------------------------------

    def needs_own_statement(self, member: Member) -> bool:
        """Whether a member needs its own statement: an index, or a NOT VALID constraint, as CREATE TABLE ignores NOT VALID."""
        return not_valid(member) or super().needs_own_statement(member)

    def table_word(self, table: Table) -> str:
        if foreign.is_foreign(table):
            return "FOREIGN TABLE"
        return "UNLOGGED TABLE" if table.options.get("unlogged") == "true" else "TABLE"

    def table_tail(self, table: Table) -> str:
        options = table.options
        if not options:
            return ""
        clauses = (
            ("inherits", "INHERITS ({})"),
            ("partition_by", "PARTITION BY {}"),
            ("using", "USING {}"),
            ("with", "WITH ({})"),
            ("tablespace", "TABLESPACE {}"),
        )
        named = ("using", "tablespace")
        option_values = ((clause, key, options.get(key)) for key, clause in clauses)
        return "".join(
            " " + clause.format(self.quote(value) if key in named else value)
            for clause, key, value in option_values
            if value is not None
        ) + foreign.table_clause(table)

    def taken_names(self, schema: Schema) -> frozenset[str]:
        return taken_names(schema)

    def add(self, member: Member, taken: frozenset[str] = NO_NAMES) -> str:
        """ADD CONSTRAINT with NOT VALID for a constraint that is not valid, or CREATE INDEX."""
        return super().add(member, taken) + (" NOT VALID" if not_valid(member) else "")

    # -- definitions and renames --------------------------------------------------------------------------------------

    def create_definition(self, definition: Definition) -> tuple[str, ...]:
        return definitions.create(definition)

    def drop_definition(self, definition: Definition) -> tuple[str, ...]:
        return definitions.drop(definition)

    def rename(self, old: Ref, new: Ref) -> tuple[str, ...]:
        table, to = self.qualified(old.table or "", old.schema), self.quote(new.name)
        if old.kind == "enum_value":
            return (f"ALTER TYPE {table} RENAME VALUE {literal(old.name)} TO {literal(new.name)}",)
        if old.kind in _RENAMED:
            return (f"ALTER {_RENAMED[old.kind]} {self.of(old)} RENAME TO {to}",)
        if kinds.of(old.kind).is_routine:
            name, opening, arguments = old.name.partition("(")
            signature = f"{self.qualified(name, old.schema)}{opening}{arguments}"
            to = self.quote(new.name.partition("(")[0])
            return (f"ALTER {old.kind.upper()} {signature} RENAME TO {to}",)
        if old.kind == "event_trigger":
            return (f"ALTER EVENT TRIGGER {self.quote(old.name)} RENAME TO {to}",)
        if old.kind in _RENAMED_ON_TABLE:
            word = _RENAMED_ON_TABLE[old.kind]
            return (f"ALTER {word} {self.quote(old.name)} ON {table} RENAME TO {to}",)
        if old.kind in kinds.CONSTRAINTS:
            return (f"ALTER TABLE {table} RENAME CONSTRAINT {self.quote(old.name)} TO {to}",)
        return super().rename(old, new)

    def move(self, old: Ref, new: Ref, default_schema: str | None) -> str:
        word = {"table": "TABLE", **_RENAMED}[old.kind]
        return f"ALTER {word} {self.of(old)} SET SCHEMA {self.quote(new.schema or default_schema or 'public')}"


render = PostgreSQLRenderer()
"""The only instance; it has no state."""


def owned_sequence_name(column: Column, table: Ref) -> Ref:
    """Name of the sequence that the server creates for a serial or identity column."""
    return Ref("sequence", names.make_object_name(table.name, column.name, "seq"), table.schema)


def sequence(column: Column, table: Ref) -> Ref:
    """Sequence of a serial or identity column: the existing one, else the one that the server creates."""
    return next((ref for ref in column.needs if ref.kind == "sequence"), owned_sequence_name(column, table))


def not_valid(member: Member) -> bool:
    """Whether the constraint is NOT VALID, so that rows older than it were not checked."""
    return isinstance(member, Check | ForeignKey) and member.options.get("not_valid") == "true"


_last_taken: tuple[Schema | None, frozenset[str]] = (None, NO_NAMES)


def taken_names(schema: Schema) -> frozenset[str]:
    """Names of members, tables and sequences, which the server would not choose again; cached for the last schema."""
    global _last_taken
    last, taken = _last_taken
    if last is not schema:
        taken = frozenset(ref.name for ref, item in schema.items() if isinstance(item, Member | Table | Sequence))
        _last_taken = (schema, taken)
    return taken
