"""Parses statements that read and write rows, and those that may contain such statements (WITH, EXPLAIN, PREPARE).

Each function starts after the first word of its statement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from dbwarden.core.sqltext import Token, TokenKind
from dbwarden.core.types import Ref

from .cursor import Cursor
from .statements import (
    CopyRows,
    CreateTable,
    Delete,
    Explain,
    Insert,
    Merge,
    Prepare,
    Select,
    SelectItem,
    Statement,
    Truncate,
    Update,
    With,
)

Read: TypeAlias = Callable[[Cursor], Statement]
"""Parses the statement inside another one (``parse.read``)."""

_TRUE = (["TRUE"], ["1"], ["NOT", "FALSE"])
_CONFLICTS = ("ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE")
_SELECTING = frozenset(
    "WHERE JOIN LIMIT OFFSET FETCH GROUP HAVING INTERSECT EXCEPT CONFLICT TABLESAMPLE DUPLICATE WINDOW".split()
)
_OPTIONS = ("LOW_PRIORITY", "QUICK", "IGNORE", "DELAYED", "HIGH_PRIORITY")
_CONVERSIONS = ("COALESCE", "CAST")
_NO_COLUMN = frozenset(("NULL", "CASE", "TRUE", "FALSE", "NOT"))
MODIFYING = frozenset(("INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"))


def insert(cursor: Cursor, read: Read) -> Insert:
    """INSERT or REPLACE. The rows of VALUES are not read."""
    # With these, not each row of the query ends up in the table.
    resolves = cursor.word(-1) == "REPLACE" or _skip_conflict(cursor) or bool(cursor.skip_any(*_OPTIONS))
    cursor.skip("INTO")
    table = cursor.ref("table")
    if cursor.skip("AS"):
        cursor.name()
    if cursor.word() == "(" and cursor.word(1) in ("SELECT", "WITH", "VALUES", "("):
        cursor = cursor.inner(cursor.group())
    columns = cursor.names()
    cursor.until("SELECT", "VALUES", "VALUE", "WITH", "TABLE", "DEFAULT", "SET", "(")
    if cursor.word() in ("VALUES", "VALUE", "DEFAULT", "SET", ""):
        return Insert(table, columns)
    if cursor.word() == "WITH":
        return Insert(table, columns, others=(read(cursor),))
    copy = copied_rows(cursor, table)
    if copy is None:
        return Insert(table, columns)
    return Insert(table, columns, copy.source, copy.whole and not resolves, copy.passed)


def copied_rows(cursor: Cursor, table: Ref) -> CopyRows | None:
    """The rows that the query at the cursor copies into ``table``; ``None`` if it does not read a named table."""
    cursor.skip("SELECT")
    distinct = bool(cursor.skip_any("DISTINCT", "ALL"))
    listed = cursor.until("FROM")
    if not cursor.skip("FROM") or cursor.at_end or cursor.word() == "(":
        return None
    source = cursor.table_name()
    whole = not (distinct or _selects(cursor.rest()))
    return CopyRows(table, source, (), whole, tuple(_passed_column(item) for item in cursor.items(listed)))


def _passed_column(item: Cursor) -> SelectItem:
    """An item of a SELECT list. Its column is the expression itself, or the first argument of ``coalesce`` or ``CAST``."""
    name, converted = _column_of(item), item.word() in _CONVERSIONS and item.word(1) == "("
    label = item.name() if item.find("AS") and not item.at_end else name
    return SelectItem(name, label, converted)


def _column_of(item: Cursor) -> str:
    first = item
    if item.word() in _CONVERSIONS and item.word(1) == "(":
        first = item.inner(item.rest()[2:])
    token = first.token()
    if token is None or token.kind not in (TokenKind.WORD, TokenKind.IDENTIFIER) or first.word() in _NO_COLUMN:
        return ""
    name = first.inner(first.rest()).ref("column")
    return "" if first.word(1) == "(" else name.name


def _selects(tokens: Sequence[Token]) -> bool:
    """Whether the clauses after the table of a query may leave out rows."""
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0 and (token.text == "," or token.text.upper() in _SELECTING):
            return True
    return False


def update(cursor: Cursor) -> Update:
    _skip_conflict(cursor)
    cursor.skip_any(*_OPTIONS)
    table = cursor.table_name()
    if not cursor.find("SET"):
        return Update(table)
    columns: list[str] = []
    for item in cursor.items(cursor.until("WHERE", "FROM", "RETURNING", "ORDER", "LIMIT")):
        if item.word() == "(":
            columns += item.names()
        else:
            columns.append(item.ref("column").name)
    return Update(table, _condition(cursor), tuple(columns))


def delete(cursor: Cursor) -> Delete:
    cursor.skip_any(*_OPTIONS)
    cursor.skip("FROM")
    return Delete(cursor.table_name(), _condition(cursor))


def merge(cursor: Cursor) -> Merge:
    cursor.skip("INTO")
    table = cursor.table_name()
    cursor.find("ON")
    joined = restricts(cursor.until("WHEN"))
    deletes, where = False, True
    while cursor.skip("WHEN"):
        head = cursor.until("THEN")
        cursor.skip("THEN")
        if cursor.word() not in ("DELETE", "UPDATE"):
            cursor.until("WHEN")
            continue
        deletes = deletes or cursor.word() == "DELETE"
        where = where and _branch_restricts(head, joined)
        cursor.until("WHEN")
    return Merge(table, deletes, where)


def _branch_restricts(head: Sequence[Token], joined: bool) -> bool:
    """Whether a branch of MERGE applies only to some rows: those that match, or those that satisfy its condition."""
    words = [token.text.upper() for token in head]
    if "AND" in words and restricts(head[words.index("AND") + 1 :]):
        return True
    return joined and words[:1] == ["MATCHED"]  # else WHEN NOT MATCHED BY SOURCE


def truncate(cursor: Cursor) -> Truncate:
    cursor.skip("TABLE")
    cursor.skip("IF", "EXISTS")
    return Truncate(cursor.refs("table"))


def select(cursor: Cursor) -> Statement:
    """SELECT, whose INTO creates a table (PostgreSQL)."""
    cursor.until("INTO", "FROM", "UNION", "EXCEPT", "INTERSECT")
    if not cursor.skip("INTO"):
        return Select()
    cursor.skip_any("TEMP", "TEMPORARY", "UNLOGGED", "TABLE")
    return CreateTable(cursor.ref("table"), query=Select())


def parse_with(cursor: Cursor, read: Read) -> Statement:
    """WITH: the statements in parentheses, then the main one."""
    cursor.skip("RECURSIVE")
    statements: list[Statement] = []
    while True:
        cursor.find("AS")
        cursor.skip_any("NOT", "MATERIALIZED")
        inner = cursor.inner(cursor.group())
        if inner.word() in MODIFYING or inner.word() == "WITH":
            statements.append(read(inner))
        if cursor.skip("SEARCH") and cursor.find("SET"):
            cursor.name()
        if cursor.skip("CYCLE") and cursor.find("USING"):
            cursor.name()
        if not cursor.skip(","):
            return With((*statements, read(cursor)))


def explain(cursor: Cursor, read: Read) -> Explain:
    analyze = cursor.word() in ("ANALYZE", "ANALYSE")
    if cursor.word() == "(":
        analyze = any(_is_on(item) for item in cursor.items(cursor.group()))
    else:
        cursor.skip_any("ANALYZE", "ANALYSE", "VERBOSE", "QUERY", "PLAN")
    return Explain(read(cursor), analyze)


def _is_on(option: Cursor) -> bool:
    name, value = option.word(), option.word(1) or (option.name() and option.name().upper())
    return name in ("ANALYZE", "ANALYSE") and value not in ("OFF", "FALSE", "0")


def prepare(cursor: Cursor, read: Read) -> Prepare:
    """PREPARE: a statement that runs later by its name."""
    cursor.find("AS")
    return Prepare(read(cursor))


def _skip_conflict(cursor: Cursor) -> bool:
    """Skip ``OR IGNORE`` and similar clauses (SQLite); false if none follows."""
    if cursor.word() == "OR" and cursor.word(1) in _CONFLICTS:
        cursor.at += 2
        return True
    return False


def _condition(cursor: Cursor) -> bool:
    return cursor.find("WHERE") and restricts(cursor.until("RETURNING", "ORDER", "LIMIT"))


def restricts(condition: Sequence[Token]) -> bool:
    """Whether a condition can be false: ``true`` and ``1 = 1`` select all rows."""
    texts = [token.text.upper() for token in condition]
    while len(texts) > 2 and texts[0] == "(" and texts[-1] == ")":
        texts = texts[1:-1]
    if not texts or texts in _TRUE:
        return False
    same = len(texts) == 3 and texts[1] in ("=", "==", "IS") and texts[0] == texts[2]
    return not (same and condition[0].kind in (TokenKind.NUMBER, TokenKind.STRING, TokenKind.OPERATOR))
