"""PARTITION BY clauses in one spelling: what a person wrote, and what ``information_schema.PARTITIONS`` lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from dbwarden.core import sqltext
from dbwarden.core.sqltext import Token, TokenKind

from .words import LEXICAL_RULES, quote, string_literal

Row = tuple[Any, ...]
_WORDS = frozenset(
    "range list hash key linear columns partition partitions subpartition subpartitions by values less than in maxvalue"
    " algorithm engine comment data index directory max_rows min_rows tablespace system_time interval limit starts auto"
    " current history storage null default".split()
)


def clauses(rows: Sequence[Row]) -> Mapping[str, str]:
    """The clause after PARTITION BY of each partitioned table."""
    return {name: _clause(list(group)) for name, group in groupby(rows, itemgetter(0))}


def _clause(rows: Sequence[Row]) -> str:
    first = rows[0]
    method, sub_method = first[3].upper(), first[4]
    names = list(dict.fromkeys(row[1] for row in rows))
    text = f"{method} ({first[5] or ''})"
    if sub_method:
        text += f" SUBPARTITION BY {sub_method.upper()} ({first[6] or ''}) SUBPARTITIONS {len(rows) // len(names)}"
    if method.removeprefix("LINEAR ") in ("HASH", "KEY"):
        text += f" PARTITIONS {len(names)}"
    else:
        text += f" ({', '.join(_definitions(rows, method))})"
    return canonical_clause(text)


def _definitions(rows: Sequence[Row], method: str) -> Iterator[str]:
    for name, group in groupby(rows, itemgetter(1)):
        row = next(group)
        text = f"PARTITION {quote(name)}"
        if method.startswith("RANGE"):
            text += " VALUES LESS THAN " + ("MAXVALUE" if row[7] == "MAXVALUE" else f"({row[7]})")
        elif method.startswith("LIST"):
            text += " DEFAULT" if row[7] == "DEFAULT" else f" VALUES IN ({row[7]})"
        yield text + (f" COMMENT = {string_literal(row[8])}" if row[8] else "")


@lru_cache(maxsize=256)
def canonical_clause(text: str) -> str:
    """The clause with keywords in upper case, plain names without backticks and single spaces."""
    parts: list[str] = []
    for token in sqltext.words(text, LEXICAL_RULES):
        parts.append(_spelled(token))
    text = _joined(parts).replace("LESS THAN (MAXVALUE)", "LESS THAN MAXVALUE")
    return _NUMBERS.sub(_with_null_first, text)


_NUMBERS = re.compile(r"VALUES IN \(([^()'\"]*)\)")


def _with_null_first(match: re.Match[str]) -> str:
    """VALUES IN of a list partition: the server keeps NULL apart from the numbers and lists it first."""
    values = match[1].split(", ")
    return f"VALUES IN ({', '.join(sorted(values, key=lambda value: value != 'NULL'))})"


def _spelled(token: Token) -> str:
    if token.kind is TokenKind.IDENTIFIER:
        return quote(token.text[1:-1].replace("``", "`"))
    if token.kind is TokenKind.WORD and token.text.lower() in _WORDS:
        return token.text.upper()
    return token.text


def _joined(parts: Sequence[str]) -> str:
    """The parts with single spaces, but none inside of parentheses and before those of a function."""
    text, before = "", ""
    for part in parts:
        call = part == "(" and before.isidentifier() and before.upper() not in _UPPER
        tight = not text or part in (",", ")") or before == "(" or call
        text += part if tight else f" {part}"
        before = part
    return text


_UPPER = frozenset(word.upper() for word in _WORDS)
