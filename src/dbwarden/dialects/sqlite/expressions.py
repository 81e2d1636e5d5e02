"""Translation of another engine's expressions into SQLite's syntax.

1. SQLGlot parses the text.
2. ``rewrite`` replaces the parts that SQLGlot prints unchanged but SQLite would read differently: casts, arrays,
   intervals, functions of the current time.
3. SQLGlot prints the tree for SQLite.
4. ``is_default``, ``is_check`` and the like ask SQLite itself whether it accepts the expression there.
"""

from __future__ import annotations

import json
import logging
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

from dbwarden.core.ddl.constant import constant
from dbwarden.core.sqltext import bare, texts

from .type_translation import affinity
from .words import quote

SOURCES = {"postgresql": "postgres", "mariadb": "mysql"}
"""SQLGlot's names of dialects, if they differ from ours."""
MYSQL = frozenset(("mysql", "mariadb"))
"""Dialects whose functions ``mysql_functions`` replaces."""

# A version 4 UUID as SQLAlchemy's Uuid stores it here: 32 hexadecimal digits.
RANDOM_UUID = (
    "lower(hex(randomblob(6)) || '4' || substr(hex(randomblob(2)), 2) || substr('89AB', 1 + (random() & 3), 1)"
    " || substr(hex(randomblob(2)), 2) || hex(randomblob(6)))"
)

# The same with hyphens, as MySQL's UUID() returns it.
HYPHENATED_UUID = (
    "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'"
    " || substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"
)

_NOW = re.compile(r"now\([0-6]?\)|(?:current_timestamp|localtimestamp)(?:\([0-6]?\))?")
_SAME = frozenset(("null", "current_date", "current_time"))
"""Words that SQLite has, too."""
_MOMENTS = frozenset(("now", "clock_timestamp", "statement_timestamp", "transaction_timestamp"))
_UUIDS = frozenset(("gen_random_uuid", "uuid_generate_v4", "uuid_generate_v1", "uuidv4", "uuidv7", "uuid"))
_TRUE, _FALSE = frozenset(("t", "true", "y", "yes", "on", "1")), frozenset(("f", "false", "n", "no", "off", "0"))
# What stands inside of a string is a value of the other engine, not SQL.
_SPAN = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*(second|minute|hour|day|week|month|year)s?\s*\Z", re.IGNORECASE)


def without_hyphens(text: str) -> str:
    """``text`` with a new UUID as SQLAlchemy's ``Uuid`` stores it on SQLite."""
    return text.replace(HYPHENATED_UUID, RANDOM_UUID)


@lru_cache(maxsize=4096)
def translated(text: str, source: str) -> str | None:
    """``text`` in SQLite's syntax, not yet checked by SQLite; ``None`` if it cannot be translated."""
    if (plain := _plain(text)) is not None:  # most defaults: SQLGlot, slow to import, is not asked
        return plain
    tree = parse_tree(text, source)
    if tree is not None and tree.key == "command":  # REPLACE(a, b, c) begins as a statement does
        tree = parse_tree(f"SELECT {text}", source)
        tree = None if tree is None else tree.expressions[0].pop()
    return None if tree is None else to_sql(tree, source)


def _plain(text: str) -> str | None:
    literal = constant(text)
    if literal is not None and literal.type is None and "\\" not in literal.text:
        return literal.text
    words = "".join(texts(bare(text))).lower()
    return words if words in _SAME else "CURRENT_TIMESTAMP" if _NOW.fullmatch(words) else None


def parse_tree(text: str, source: str) -> Any | None:
    """SQLGlot's tree of a statement or expression; ``None`` if it cannot parse the text."""
    import sqlglot

    try:
        with _silence():
            return sqlglot.parse_one(text, read=SOURCES.get(source, source))
    except sqlglot.errors.SqlglotError:
        return None


@contextmanager
def _silence() -> Iterator[None]:
    """Silence SQLGlot's log of unknown syntax, which is reported as a loss."""
    logger = logging.getLogger("sqlglot")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def to_text(tree: Any) -> str:
    """Text of a tree for messages, in PostgreSQL's syntax."""
    with _silence():
        text: str = tree.sql(dialect="postgres")
    return text


def to_sql(tree: Any, source: str) -> str | None:
    """Text of a tree for SQLite; ``None`` if a part of it has no counterpart."""
    import sqlglot

    tree = rewrite(tree, source)
    if tree is None:
        return None
    try:
        with _silence():
            text: str = tree.sql(dialect="sqlite", unsupported_level=sqlglot.ErrorLevel.RAISE, comments=False)
    except (sqlglot.errors.SqlglotError, KeyError):  # KeyError: a primary key over a missing column
        return None
    return text.replace(_UUID_MARK, HYPHENATED_UUID if source in MYSQL else RANDOM_UUID)


_UUID_MARK = "__RANDOM_UUID__()"


# -- rewriting ----------------------------------------------------------------------------------------------------


def rewrite(tree: Any, source: str) -> Any | None:
    """Rewrite a tree for SQLite; ``None`` if it has an interval that SQLite cannot express."""
    from sqlglot import exp

    if source in MYSQL:
        from .mysql_functions import replacement

        for node in reversed([*tree.walk()]):
            tree = _replaced(tree, node, replacement(node, exp))
    for node in [*tree.find_all(exp.Add, exp.Sub)]:
        tree = _replaced(tree, node, _rewrite_shift(node, exp))
    for node in reversed([*tree.walk()]):
        if isinstance(node, exp.Expression):
            tree = _replaced(tree, node, _simple(node, exp))
    return None if tree.find(exp.Interval) else tree


def _replaced(tree: Any, old: Any, new: Any) -> Any:
    if new is old:
        return tree
    if old is tree:
        return new
    old.replace(new)
    return tree


def _simple(node: Any, exp: Any) -> Any:
    """Rewrite one node, after its operands."""
    match node:
        case exp.Cast():
            return _cast(node, exp)
        case exp.CurrentTimestamp():
            return exp.CurrentTimestamp()
        case exp.AtTimeZone() if _is_utc(node.args.get("zone")) and _is_now(node.this, exp):
            return node.this
        case exp.EQ(expression=exp.Any(this=inner)) if (values := _elements(inner, exp)) is not None:
            return exp.In(this=node.this, expressions=values)
        case exp.NEQ(expression=exp.All(this=inner)) if (values := _elements(inner, exp)) is not None:
            return exp.Not(this=exp.In(this=node.this, expressions=values))
        case exp.Func():
            return _function(node, exp)
    return node


def _function(node: Any, exp: Any) -> Any:
    name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
    if name in _UUIDS:
        return exp.Anonymous(this="__RANDOM_UUID__")
    if name in _MOMENTS or name == "localtimestamp":
        return exp.CurrentTimestamp()
    if name == "timezone" and len(node.expressions) == 2 and _is_utc(node.expressions[0]):
        return node.expressions[1] if _is_now(node.expressions[1], exp) else node
    return node


def _is_utc(node: Any) -> bool:
    return node is not None and str(node.name).lower() in ("utc", "gmt")


def _is_now(node: Any, exp: Any) -> bool:
    while isinstance(node, exp.Paren):
        node = node.this
    return isinstance(node, exp.CurrentTimestamp)


def _cast(node: Any, exp: Any) -> Any:
    name = node.to.sql(dialect="postgres").lower()
    inner, kind = node.this, affinity(name)
    bare = inner
    while isinstance(bare, exp.Paren):
        bare = bare.this
    text = bare.name if isinstance(bare, exp.Literal) and bare.is_string else None
    match kind:
        case "array":
            listed = None if text is None else array_as_json(text, affinity(name.partition("[")[0]))
            return inner if text is None else exp.Literal.string(listed if listed is not None else text)
        case "boolean" if text is not None and text.lower() in _TRUE | _FALSE:
            return exp.Boolean(this=text.lower() in _TRUE)
        case "interval":
            return exp.Interval(this=inner)
        case "boolean" | "as it is":
            return inner
        case "text" if text is not None:
            return inner
    return exp.Cast(this=inner, to=exp.DataType.build(kind, dialect="sqlite"))


def _elements(node: Any, exp: Any) -> list[Any] | None:
    while isinstance(node, exp.Paren | exp.Cast):
        node = node.this
    if isinstance(node, exp.Tuple | exp.Array):
        return list(node.expressions)
    return None


def _rewrite_shift(node: Any, exp: Any) -> Any:
    """Rewrite ``now() + interval '1 day'`` as ``datetime('now', '+1 day')``."""
    base = node.this
    while isinstance(base, exp.Paren):
        base = base.this
    moment = isinstance(base, exp.CurrentTimestamp | exp.CurrentDate)
    span = _span(node.expression, exp) if moment else None
    if span is None:
        return node
    number, unit = span
    sign = "-" if isinstance(node, exp.Sub) else "+"
    days = (str(float(number) * 7).removesuffix(".0"), "day") if unit == "week" else (number.lstrip("+"), unit)
    if days[0].startswith("-"):
        sign, days = ("+" if sign == "-" else "-"), (days[0][1:], days[1])
    words = [exp.Literal.string("now"), exp.Literal.string(f"{sign}{days[0]} {days[1]}")]
    return exp.Anonymous(this="datetime", expressions=words)


def _span(node: Any, exp: Any) -> tuple[str, str] | None:
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Cast):
        text = node.this.name if affinity(node.to.sql(dialect="postgres").lower()) == "interval" else ""
    elif isinstance(node, exp.Interval):
        unit = node.args.get("unit")
        text = f"{node.this.name if node.this is not None else ''} {unit.name if unit is not None else ''}"
    else:
        return None
    match = _SPAN.match(text)
    return (match.group(1), match.group(2).lower()) if match else None


_ARRAY_PART = re.compile(
    r'\s*(?:(?P<open>\{)|(?P<close>\})|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^,{}"]*[^,{}"\s]))\s*,?'
)


def array_as_json(text: str, items: str) -> str | None:
    """Convert ``{1,2}`` or ``{{a},{"b c"}}`` into a JSON array with items of the affinity ``items``; ``None`` if the text
    is not an array."""
    lists: list[list[object]] = [[]]
    at = 0
    while at < len(text):
        match = _ARRAY_PART.match(text, at)
        if match is None or (len(lists) == 1 and (lists[0] or not match["open"])):
            return None
        if match["open"]:
            lists.append([])
        elif match["close"]:
            done = lists.pop()
            lists[-1].append(done)
        else:
            lists[-1].append(_item(match["quoted"], match["plain"], items))
        at = match.end()
    return json.dumps(lists[0][0], ensure_ascii=False) if len(lists) == 1 and lists[0] else None


def _item(quoted: str | None, plain: str | None, items: str) -> object:
    if plain is not None and plain.upper() == "NULL":
        return None
    text = plain if plain is not None else re.sub(r"\\(.)", r"\1", quoted or "")
    if items == "boolean" and text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    if items in ("integer", "real", "numeric") and re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", text):
        return json.loads(text)
    return text


def as_array(text: str, items: str) -> str:
    """Convert the literal default of an array column into a JSON array; other text stays."""
    if text.startswith("'") and text.endswith("'"):
        listed = array_as_json(text[1:-1].replace("''", "'"), items)
        if listed is not None:
            return "'" + listed.replace("'", "''") + "'"
    return text


# -- checks by SQLite ---------------------------------------------------------------------------------------------


@cache
def _scratch() -> sqlite3.Connection:
    conn = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    # SQLAlchemy registers this function with every connection of the application, which makes REGEXP available.
    conn.create_function("regexp", 2, lambda pattern, value: False, deterministic=True)
    return conn


@lru_cache(maxsize=4096)
def _runs(statements: tuple[str, ...]) -> bool:
    conn = _scratch()
    conn.execute("BEGIN")
    try:
        for sql in statements:
            conn.execute(sql)
    except sqlite3.Error:
        return False
    finally:
        conn.execute("ROLLBACK")
    return True


def is_default(expression: str) -> bool:
    """Whether SQLite accepts the expression as a DEFAULT."""
    return _runs((f"CREATE TABLE t (a DEFAULT ({expression}))", "INSERT INTO t DEFAULT VALUES"))


_PLAIN_DEFAULT = re.compile(
    r"'(?:[^']|'')*'|[+-]?\d+(?:\.\d+)?|CURRENT_(?:TIMESTAMP|DATE|TIME)|NULL|TRUE|FALSE", re.IGNORECASE
)


def is_plain_default(expression: str) -> bool:
    """Whether SQLite takes the expression for a DEFAULT without parentheses."""
    return _PLAIN_DEFAULT.fullmatch(expression) is not None


def is_value(expression: str, columns: Iterable[str]) -> bool:
    """Whether SQLite can select the expression from a table with these columns."""
    return _runs((f"CREATE TABLE t ({_listed(columns)})", f"SELECT {expression} FROM t"))


def is_check(expression: str, columns: Iterable[str]) -> bool:
    """Whether SQLite accepts the expression as a CHECK of a table with these columns."""
    return _runs((f"CREATE TABLE t ({_listed(columns)}, CHECK ({expression}))",))


def is_computed(expression: str, columns: Iterable[str]) -> bool:
    """Whether SQLite accepts the expression for a generated column of a table with these columns."""
    return _runs((f'CREATE TABLE t ({_listed(columns)}, """" AS ({expression}))',))


def is_key(expression: str, where: str | None, columns: Iterable[str]) -> bool:
    """Whether SQLite accepts an index with this key and predicate on a table with these columns."""
    predicate = f" WHERE {where}" if where else ""
    return _runs((f"CREATE TABLE t ({_listed(columns)})", f"CREATE INDEX i ON t ({expression}){predicate}"))


def is_query(statements: tuple[str, ...], query: str) -> bool:
    """Whether SQLite accepts these statements and then the query."""
    return _runs((*statements, query))


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(quote(name) for name in columns)
