"""Renderer of SQLite: the clauses in which it differs from the base."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    ForeignKey,
    Index,
    IndexElement,
    Member,
    PrimaryKey,
    Table,
    Unique,
)
from dbwarden.core.sqltext import fold_case
from dbwarden.core.types import DataType, Expression
from dbwarden.dialects.base.names import Quoting
from dbwarden.dialects.base.renderer import NO_NAMES, Renderer

from . import definitions
from .canonical import rowid_alias
from .types import declared
from .words import QUOTING, RESERVED, bare, mentioned_words, tokens

_LITERAL_WORDS = ("current_", "true", "false", "null")


class SQLiteRenderer(Renderer):
    product: ClassVar[str] = "SQLite"
    quoting: ClassVar[Quoting] = QUOTING
    drops = definitions.DROPS

    def qualified(self, name: str, schema: str | None) -> str:
        """Name without a schema: a database file has none."""
        return self.quote(name)

    # -- columns ------------------------------------------------------------------------------------------------------

    def type(self, datatype: DataType) -> str:
        return declared(datatype)

    def column_clauses(self, column: Column) -> Iterator[str]:
        yield self.type(column.type)
        yield self.collate_clause(column)
        yield self.default(column)
        yield self.not_null(column)
        yield self.generated(column.computed) if column.computed is not None else ""

    def default(self, column: Column) -> str:
        return f"DEFAULT {default(column.default.text)}" if column.default is not None else ""

    def not_null(self, column: Column) -> str:
        if column.nullable or column.not_null_implied:
            return ""
        clause = column.options.get("on_conflict_not_null")
        return f"NOT NULL ON CONFLICT {clause}" if clause else "NOT NULL"

    def generated(self, computed: Computed) -> str:
        return f"GENERATED ALWAYS AS ({bare(computed.expression.text)}) {'STORED' if computed.stored else 'VIRTUAL'}"

    # -- constraints --------------------------------------------------------------------------------------------------

    def inline_column(self, member: Member, table: Table) -> str | None:
        """Column whose definition includes a constraint on it alone. DROP COLUMN drops such a foreign key or check with it,
        but is refused for a table constraint."""
        match member:
            case PrimaryKey(columns=(column,)) if column in table.columns:
                return column if rowid_alias(table, member) or member.options.get("keys") in (None, "DESC") else None
            case ForeignKey(columns=(column,)) if column in table.columns:
                return column
            case Check() if not member.options:  # an inline CHECK accepts no conflict clause
                columns = columns_in(member.expression.text, table)
                return columns[0] if len(columns) == 1 else None
        return None

    def inline_constraint(self, member: Member, table: Table | None) -> str:
        name = f"CONSTRAINT {self.quote(member.name)} " if member.name else ""
        match member:
            case PrimaryKey():
                direction = " DESC" if member.options.get("keys") == "DESC" else ""
                numbered = table is not None and table.options.get("autoincrement") == "true"
                return f"{name}PRIMARY KEY{direction}{_on_conflict(member)}{' AUTOINCREMENT' if numbered else ''}"
            case Check():
                return name + self.body(member)
            case ForeignKey():
                return name + self.references(member)
        return super().inline_constraint(member, table)

    def key_columns(self, key: PrimaryKey | Unique) -> str:
        keys = key.options.get("keys")
        return keys if keys and keys != "DESC" else super().key_columns(key)

    def key_tail(self, key: PrimaryKey | Unique) -> str:
        return _on_conflict(key)

    def check_tail(self, check: Check) -> str:
        return _on_conflict(check)

    # -- tables and indexes -------------------------------------------------------------------------------------------

    def create_table(
        self, table: Table, members: Iterable[Member], name: str | None = None, taken: frozenset[str] = NO_NAMES
    ) -> str:
        if not table.columns:
            raise self.unsupported(str(table.ref), "it has no columns")
        return super().create_table(table, members, name, taken)

    def table_tail(self, table: Table) -> str:
        words = (("with_rowid", "false", "WITHOUT ROWID"), ("strict", "true", "STRICT"))
        tail = ", ".join(word for key, value, word in words if table.options.get(key) == value)
        return f" {tail}" if tail else ""

    def index(self, index: Index, manner: str = "") -> str:
        if not index.name:
            raise self.unsupported(f"an index without a name on {index.table.name}", "give it a name")
        return super().index(index, manner)

    def key_expression(self, expression: Expression) -> str:
        return expression.text

    def element(self, element: IndexElement) -> str:
        if element.nulls:
            raise self.unsupported(f"NULLS {element.nulls.upper()} in an index", "indexes take no such clause")
        return super().element(element)


render = SQLiteRenderer()
"""The only instance; it has no state."""


def _on_conflict(member: PrimaryKey | Unique | Check) -> str:
    clause = member.options.get("on_conflict")
    return f" ON CONFLICT {clause}" if clause else ""


def columns_in(expression: str, table: Table) -> tuple[str, ...]:
    """Columns of ``table`` that an expression mentions."""
    words = mentioned_words(expression)
    return tuple(name for name in table.columns if fold_case(name) in words)


def default(text: str) -> str:
    """Text after DEFAULT: a literal as it is, any other expression in parentheses."""
    text = bare(text)
    lexemes = tokens(text)
    signed = len(lexemes) == 2 and lexemes[0] in "+-"
    literal = len(lexemes) == 1 or signed
    reserved = lexemes and lexemes[-1].lower() in RESERVED and not lexemes[-1].lower().startswith(_LITERAL_WORDS)
    return text if literal and not reserved else f"({text})"


def is_constant(text: str) -> bool:
    """Whether ALTER TABLE ADD COLUMN accepts the default (https://www.sqlite.org/lang_altertable.html)."""
    printed = default(text)
    return not printed.startswith("(") and not printed.lower().startswith("current_")
