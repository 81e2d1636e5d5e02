"""Normalising expressions on the server, for those whose keys cannot tell whether they mean the same.

1. For each table in question, create a temporary copy with the columns' types, defaults, generated columns, checks and
   indexes on expressions (``_created``). If the server refuses it, each of them is tried by itself, so that one that is
   refused does not hide the others.
2. Read what the server prints for it (SHOW CREATE TABLE: ``information_schema`` does not list temporary tables).
3. Give the desired expressions the keys of the printed ones (``_normalized``); their texts stay.

Declared views, routines, triggers and events follow (``definition_normalization.py``).

A temporary table belongs to the session and ends with it, so that nothing is left behind even by a killed process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from dbwarden.core import sqltext
from dbwarden.core.dialect import OWN_PREFIX, Connection, Server
from dbwarden.core.model import Check, Column, Computed, Index, Member, Object, Schema, Table
from dbwarden.core.options import NO_OPTIONS
from dbwarden.core.sqltext import Token, TokenKind
from dbwarden.core.tokens import DEPTH, unquoted
from dbwarden.core.types import Expression, Ref
from dbwarden.errors import DatabaseError
from dbwarden.errors.database import Failure

from . import defaults, expressions
from .definition_normalization import normalize_definitions
from .renderer import MySQLRenderer, for_server
from .words import LEXICAL_RULES

_NAME = f"{OWN_PREFIX}normalized"
_REFUSED = frozenset(
    (Failure.OTHER, Failure.UNMET_DEMAND, Failure.MISSING_OBJECT, Failure.MISSING_COLUMN, Failure.MISSING_TABLE)
)
"""Failures of one expression, which stays as it is: the migration will report it. Any other is an error."""
_ENDS = frozenset(("on", "comment", "virtual", "stored", "invisible", "check", "auto_increment", "column_format"))
"""Words that may follow the default of a column."""


def normalize_on_server(
    conn: Connection, current: Schema, desired: Schema, refs: Iterable[Ref], server: Server
) -> Schema:
    """``desired`` with the keys of the expressions in ``refs`` as this server prints them. Raises ``DatabaseError``."""
    normalized, refs = dict[Ref, Object](), tuple(refs)
    for ref in refs:
        table = desired.get(ref)
        if isinstance(table, Table):
            members = [item for item in desired.members(ref) if _has_expression(item) and item != current.get(item.ref)]
            printed = _printed(conn, table, members, for_server(server))
            normalized |= {item.ref: item for item in _normalized(table, current.get(ref), members, printed)}
    done = Schema(normalized.get(ref, item) for ref, item in desired.items()) if normalized else desired
    return normalize_definitions(conn, current, done, refs, server)


def _has_expression(member: Object) -> bool:
    if isinstance(member, Index):
        return any(element.expression is not None for element in member.elements)
    return isinstance(member, Check)


# -- building -----------------------------------------------------------------------------------------------------


def _printed(conn: Connection, table: Table, members: list[Any], render: MySQLRenderer) -> dict[str, list[Token]]:
    """The tokens of each column, check and index of a temporary copy, by name."""
    try:
        _created(conn, table, members, render)
        shown = conn.query(f"SHOW CREATE TABLE {_NAME}")[0][1]
    except UnicodeDecodeError:  # MariaDB prints the bytes of a default as they are
        return {}
    finally:
        with suppress(DatabaseError):
            conn.execute(f"DROP TEMPORARY TABLE IF EXISTS {_NAME}")
    text = shown.decode() if isinstance(shown, bytes) else str(shown)
    items: dict[str, list[Token]] = {}
    for item in sqltext.definitions(text, LEXICAL_RULES)[0]:
        tokens = list(sqltext.words(item, LEXICAL_RULES))
        name = next((token for token in tokens if token.kind is TokenKind.IDENTIFIER), None)
        if name is not None:
            column = "" if tokens[0] is name else "#"
            items[column + unquoted(name, LEXICAL_RULES)] = tokens
    return items


def _created(conn: Connection, table: Table, members: list[Any], render: MySQLRenderer) -> None:
    """Create the copy with what the server accepts."""
    columns = {column.name: replace(column, identity=None, comment=None) for column in table.columns.values()}
    pieces = {f"#{at}": render.constraint(_copy(member, at)) for at, member in enumerate(members)}
    wanted = {name: render.column(column) for name, column in columns.items()} | pieces
    if _tried(conn, _create(wanted)):
        return
    accepted = {
        name: render.column(replace(column, default=None, options=NO_OPTIONS))
        for name, column in columns.items()
        if column.computed is None
    }
    for name, piece in wanted.items():
        if accepted.get(name) != piece and _tried(conn, _create({**accepted, name: piece})):
            accepted[name] = piece
            conn.execute(f"DROP TEMPORARY TABLE {_NAME}")
    conn.execute(_create(accepted))


def _create(pieces: Mapping[str, str]) -> str:
    return f"CREATE TEMPORARY TABLE {_NAME} ({', '.join(pieces.values())})"


def _tried(conn: Connection, sql: str) -> bool:
    """Whether the server accepts a statement. Raises ``DatabaseError`` unless that depends on the statement."""
    try:
        conn.execute(sql)
    except DatabaseError as error:
        if error.failure not in _REFUSED:
            raise
        return False
    return True


def _copy(member: Check | Index, at: int) -> Member:
    copy: Any = replace(member, table=Ref("table", _NAME), name=f"n{at}", comment=None, options=NO_OPTIONS)
    return copy  # type: ignore[no-any-return]


# -- reading back -------------------------------------------------------------------------------------------------


def _normalized(
    table: Table, existing: Object | None, members: list[Any], printed: dict[str, list[Token]]
) -> Iterator[Object]:
    equal = existing.columns if isinstance(existing, Table) else {}
    columns = {
        name: column if name not in printed or equal.get(name) == column else _column(column, printed[name])
        for name, column in table.columns.items()
    }
    yield replace(table, columns=columns)
    for at, member in enumerate(members):
        tokens = printed.get(f"#n{at}")
        if tokens is not None:
            yield _member(member, tokens)


def _column(mine: Column, tokens: list[Token]) -> Column:
    words = [token.text.lower() for token in tokens]
    if mine.computed is not None and "as" in words:
        printed = next(_groups(tokens[words.index("as") :]), "")
        return replace(mine, computed=Computed(_with_key(mine.computed.expression, printed), mine.computed.stored))
    if mine.default is None or mine.computed is not None or "default" not in words:
        return mine
    behind = tokens[words.index("default") + 1 :]
    end = next((at for at, token in enumerate(behind) if _ends_default(behind, at, token)), len(behind))
    printed_default = defaults.canonical_default(Expression(_text(behind[:end])), mine.type, "")
    return mine if printed_default is None else replace(mine, default=replace(mine.default, key=printed_default.key))


def _ends_default(tokens: list[Token], at: int, token: Token) -> bool:
    depth = sum(DEPTH.get(before.text, 0) for before in tokens[:at])
    if depth == 0 and token.text.startswith("/*"):  # MySQL: /*!80023 INVISIBLE */
        return True
    return depth == 0 and token.kind is TokenKind.WORD and token.text.lower() in _ENDS


def _member(mine: Check | Index, tokens: list[Token]) -> Member:
    if isinstance(mine, Check):
        printed = next(_groups(tokens), "")
        return replace(mine, expression=_with_key(mine.expression, printed, condition=True))
    keys = _parts(tokens)
    elements = tuple(
        replace(element, expression=_with_key(element.expression, key)) if element.expression is not None else element
        for element, key in zip(mine.elements, keys, strict=True)
    )
    return replace(mine, elements=elements)


def _with_key(mine: Expression, printed: str, condition: bool = False) -> Expression:
    return replace(mine, key=expressions.key(printed, condition)) if printed else mine


def _groups(tokens: list[Token]) -> Iterator[str]:
    """The texts in the outermost parentheses."""
    depth, start = 0, 0
    for at, token in enumerate(tokens):
        depth += DEPTH.get(token.text, 0)
        if token.text == "(" and depth == 1:
            start = at + 1
        elif token.text == ")" and depth == 0:
            yield _text(tokens[start:at])


def _parts(tokens: list[Token]) -> list[str]:
    """The keys of an index, without their directions."""
    opening = next(at for at, token in enumerate(tokens) if token.text == "(")
    parts, depth = list[list[Token]]([[]]), 0
    for token in tokens[opening:]:
        depth += DEPTH.get(token.text, 0)
        if depth == 0:
            break
        if depth == 1 and token.text == ",":
            parts.append([])
        elif depth > 1 or token.text == ")":
            parts[-1].append(token)
    return [_text(part) for part in parts]


def _text(tokens: list[Token]) -> str:
    return " ".join(token.text for token in tokens)
