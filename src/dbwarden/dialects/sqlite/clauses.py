"""Printers of what is created: tables, columns, constraints and indexes, as a careful person writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dbwarden.core.model import (
    Check,
    Column,
    ForeignKey,
    Index,
    IndexElement,
    Member,
    Object,
    PrimaryKey,
    Table,
    Unique,
)
from dbwarden.core.types import fold_case
from dbwarden.dialects.ansi import block
from dbwarden.errors import Unsupported

from .canonical import rowid_alias
from .types import declared
from .words import RESERVED, bare, mentioned, names, quote, tokens

_ORDER: Mapping[type, int] = {PrimaryKey: 0, Unique: 1, Check: 2, ForeignKey: 3}

# -- tables -------------------------------------------------------------------------------------------------------


def create_table(table: Table, members: Iterable[Object], name: str | None = None) -> str:
    """CREATE TABLE with its constraints inside; ``name`` where it is not the table's own.

    What concerns one column stands at the column: SQLite's DROP COLUMN takes such a foreign key or check along, and
    refuses when it stands at the end of the table. Raises ``Unsupported``.
    """
    if not table.columns:
        raise Unsupported(what=str(table.ref), dialect="SQLite", reason="it has no columns")
    inline: dict[str, list[Member]] = {}
    outer: list[Member] = []
    for member in members:
        if isinstance(member, Member) and not isinstance(member, Index):
            column = _home(member, table)
            if column is None:
                outer.append(member)
            else:
                inline.setdefault(column, []).append(member)
    outer.sort(key=lambda member: _ORDER.get(type(member), len(_ORDER)))
    auto = table.options.get("autoincrement") == "true"
    columns = (
        column_definition(column, inline.get(column.name, ()), autoincrement=auto) for column in table.columns.values()
    )
    items = (*columns, *(_constraint(member) for member in outer))
    closing = ", ".join(
        words
        for key, value, words in (("with_rowid", "false", "WITHOUT ROWID"), ("strict", "true", "STRICT"))
        if table.options.get(key) == value
    )
    return block(f"CREATE TABLE {quote(name or table.name)} (", items, f") {closing}" if closing else ")")


def _home(member: Member, table: Table) -> str | None:
    """The column at which a constraint is written, or ``None`` for the end of the table."""
    match member:
        case PrimaryKey(columns=(column,)) if column in table.columns:
            return column if rowid_alias(table, member) or member.options.get("keys") in (None, "DESC") else None
        case ForeignKey(columns=(column,)) if column in table.columns:
            return column
        case Check() if not member.options:  # at a column, SQLite takes no conflict clause
            found = columns_in(member.expression.text, table)
            return found[0] if len(found) == 1 else None
    return None


def columns_in(expression: str, table: Table) -> tuple[str, ...]:
    """The columns of ``table`` that an expression mentions."""
    words = mentioned(expression)
    return tuple(name for name in table.columns if fold_case(name) in words)


def column_definition(column: Column, members: Iterable[Object] = (), autoincrement: bool = False) -> str:
    """``name TYPE COLLATE ... DEFAULT ... NOT NULL PRIMARY KEY CHECK (...) REFERENCES ...``."""
    words = [quote(column.name)]
    if declared(column.type):
        words.append(declared(column.type))
    if column.collation:
        words.append(f"COLLATE {quote(column.collation)}")
    if column.default is not None:
        words.append(f"DEFAULT {default(column.default.text)}")
    if not column.nullable and not column.not_null_implied:
        clause = column.options.get("on_conflict_not_null")
        words.append(f"NOT NULL ON CONFLICT {clause}" if clause else "NOT NULL")
    if column.computed is not None:
        kind = "STORED" if column.computed.stored else "VIRTUAL"
        words.append(f"GENERATED ALWAYS AS ({bare(column.computed.expression.text)}) {kind}")
    for member in sorted(members, key=lambda item: _ORDER.get(type(item), len(_ORDER))):
        words.append(_inline(member, autoincrement))
    return " ".join(words)


def default(text: str) -> str:
    """What stands behind DEFAULT: a literal as it is, anything else in parentheses."""
    text = bare(text)
    found = tokens(text)
    signed = len(found) == 2 and found[0] in "+-"
    literal = len(found) == 1 or signed
    reserved = found and found[-1].lower() in RESERVED and not found[-1].lower().startswith(_LITERAL_WORDS)
    return text if literal and not reserved else f"({text})"


_LITERAL_WORDS = ("current_", "true", "false", "null")


def is_constant(text: str) -> bool:
    """Whether a default is one that ALTER TABLE ADD COLUMN takes: https://www.sqlite.org/lang_altertable.html."""
    printed = default(text)
    return not printed.startswith("(") and not printed.lower().startswith("current_")


# -- constraints --------------------------------------------------------------------------------------------------


def _named(member: Member, text: str) -> str:
    return f"CONSTRAINT {quote(member.name)} {text}" if member.name else text


def _on_conflict(member: PrimaryKey | Unique | Check) -> str:
    clause = member.options.get("on_conflict")
    return f" ON CONFLICT {clause}" if clause else ""


def _inline(member: Object, autoincrement: bool) -> str:
    match member:
        case PrimaryKey():
            direction = " DESC" if member.options.get("keys") == "DESC" else ""
            counting = " AUTOINCREMENT" if autoincrement else ""
            return _named(member, f"PRIMARY KEY{direction}{_on_conflict(member)}{counting}")
        case Check():
            return _named(member, f"CHECK ({member.expression.text})")
        case ForeignKey():
            return _named(member, _references(member))
    raise Unsupported(what=str(member.ref), dialect="SQLite", reason="it cannot stand at a column")


def _constraint(member: Member) -> str:
    match member:
        case PrimaryKey() | Unique():
            words = "PRIMARY KEY" if isinstance(member, PrimaryKey) else "UNIQUE"
            keys = member.options.get("keys")
            columns = keys if keys and keys != "DESC" else names(member.columns)
            return _named(member, f"{words} ({columns}){_on_conflict(member)}")
        case Check():
            return _named(member, f"CHECK ({member.expression.text}){_on_conflict(member)}")
        case ForeignKey():
            return _named(member, f"FOREIGN KEY ({names(member.columns)}) {_references(member)}")
    raise Unsupported(what=str(member.ref), dialect="SQLite", reason=f"it has no {member.kind} constraints")


def _references(key: ForeignKey) -> str:
    words = f"REFERENCES {quote(key.ref_table.name)}"
    if key.ref_columns:
        words += f" ({names(key.ref_columns)})"
    if key.match:
        words += f" MATCH {key.match.upper()}"
    if key.on_delete:
        words += f" ON DELETE {key.on_delete.upper()}"
    if key.on_update:
        words += f" ON UPDATE {key.on_update.upper()}"
    if key.deferrable:
        words += " DEFERRABLE" + (" INITIALLY DEFERRED" if key.initially == "deferred" else "")
    return words


# -- indexes ------------------------------------------------------------------------------------------------------


def create_indexes(members: Iterable[Object]) -> tuple[str, ...]:
    """CREATE INDEX for the indexes among ``members``, by name."""
    indexes = [member for member in members if isinstance(member, Index)]
    return tuple(create_index(index) for index in sorted(indexes, key=lambda index: index.name or ""))


def create_index(index: Index) -> str:
    """CREATE [UNIQUE] INDEX."""
    if not index.name:
        what = f"an index without a name on {index.table.name}"
        raise Unsupported(what=what, dialect="SQLite", reason="give it a name")
    unique = "UNIQUE " if index.unique else ""
    elements = ", ".join(_element(element) for element in index.elements)
    where = f" WHERE {index.where.text}" if index.where is not None else ""
    return f"CREATE {unique}INDEX {quote(index.name)} ON {quote(index.table.name)} ({elements}){where}"


def _element(element: IndexElement) -> str:
    if element.nulls:
        raise Unsupported(
            what=f"NULLS {element.nulls.upper()} in an index", dialect="SQLite", reason="indexes take no such clause"
        )
    text = element.expression.text if element.expression is not None else quote(element.column or "")
    if element.collation:
        text += f" COLLATE {quote(element.collation)}"
    return f"{text} DESC" if element.descending else text
