"""Whether a statement that ran outside a transaction has had its effect."""

from __future__ import annotations

from dbwarden.core.dialect import Connection
from dbwarden.core.sqltext import Token, TokenKind, words
from dbwarden.dialects.ansi import literal

from .words import LEXIS


def probe(conn: Connection, sql: str) -> bool | None:
    """``None`` where the catalogue cannot tell. An INVALID index that a failed attempt left is dropped first."""
    found = list(words(sql, LEXIS))
    upper = [token.text.upper() if token.kind is TokenKind.WORD else token.text for token in found]
    if "CONCURRENTLY" in upper[:4] and upper[0] == "CREATE":
        return _created(conn, found, upper)
    if upper[:3] == ["DROP", "INDEX", "CONCURRENTLY"]:
        at = 5 if upper[3:5] == ["IF", "EXISTS"] else 3
        name, _ = _name(found, at)
        return not conn.query(f"SELECT 1 WHERE to_regclass({literal(name)}) IS NOT NULL")
    if upper[:2] == ["ALTER", "TYPE"] and "ADD" in upper and "VALUE" in upper:
        return _value_added(conn, found, upper)
    if upper[:2] == ["ALTER", "TABLE"] and upper[-3:-1] == ["VALIDATE", "CONSTRAINT"]:
        return _validated(conn, found, upper)
    return None


def _name(found: list[Token], at: int) -> tuple[str, int]:
    """A possibly qualified name as written, and the position behind it."""
    text = found[at].text
    at += 1
    while at + 1 < len(found) and found[at].text == ".":
        text += "." + found[at + 1].text
        at += 2
    return text, at


def _created(conn: Connection, found: list[Token], upper: list[str]) -> bool | None:
    at = upper.index("CONCURRENTLY") + 1
    if upper[at : at + 3] == ["IF", "NOT", "EXISTS"]:
        at += 3
    if upper[at] == "ON":
        return None  # the server chooses the name
    index, at = _name(found, at)
    at += 1
    if upper[at] == "ONLY":
        at += 1
    table, _ = _name(found, at)
    if "." in table:
        index = f"{table.rpartition('.')[0]}.{index}"
    rows = conn.query(
        "SELECT i.indisvalid FROM pg_catalog.pg_index i"
        f" WHERE i.indexrelid = to_regclass({literal(index)}) AND i.indrelid = to_regclass({literal(table)})"
    )
    if not rows:
        return False
    if not rows[0][0]:
        conn.execute(f"DROP INDEX CONCURRENTLY {index}")
        return False
    return True


def _validated(conn: Connection, found: list[Token], upper: list[str]) -> bool:
    at = 2
    at += 2 if upper[at : at + 2] == ["IF", "EXISTS"] else 0
    at += 1 if upper[at] == "ONLY" else 0
    table, _ = _name(found, at)
    return bool(
        conn.query(
            "SELECT 1 FROM pg_catalog.pg_constraint c WHERE c.convalidated"
            f" AND c.conrelid = to_regclass({literal(table)}) AND c.conname = (parse_ident({literal(found[-1].text)}))[1]"
        )
    )


def _value_added(conn: Connection, found: list[Token], upper: list[str]) -> bool | None:
    type_, _ = _name(found, 2)
    value = next((token.text for token in found[upper.index("VALUE") :] if token.kind is TokenKind.STRING), None)
    if value is None:
        return None
    return bool(
        conn.query(
            "SELECT 1 FROM pg_catalog.pg_enum e"
            f" WHERE e.enumtypid = to_regtype({literal(type_)}) AND e.enumlabel = {value}"
        )
    )
