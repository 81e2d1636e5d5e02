"""The words of an expression: tokens, the columns that it mentions, parentheses that it does not need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial

from dbwarden.core import sqltext
from dbwarden.core.lexis import Bodies, Lexis

LEXIS = Lexis(
    escape_strings=True,
    dollar_quotes=True,
    nested_block_comments=True,
    client_commands=True,
    folds_names=True,
    bodies=Bodies.ATOMIC,
)

bare = partial(sqltext.bare, lexis=LEXIS)
"""An expression without the parentheses around all of it."""

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*)
    |(?P<string>'(?:[^']|'')*')
    |(?P<escape>[eE]'(?:[^'\\]|''|\\.)*'|[bBxXnN]'[^']*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    |(?P<quoted>"(?:[^"]|"")+")
    |(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<word>[^\W\d][\w$]*)
    |(?P<punct>::|[()\[\],.])
    |(?P<op>[-+*/<>=~!@\#%^&|`?:]+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_SPECIAL = frozenset("~!@#%^&|`?")


@lru_cache(maxsize=65536)
def tokens(text: str) -> tuple[tuple[str, str], ...]:
    """Pairs of token kind and text; words in lower case, quotes taken off names that do not need them."""
    return tuple(_scan(text))


def _scan(text: str) -> Iterator[tuple[str, str]]:
    for found in _TOKEN.finditer(text):
        kind, value = found.lastgroup or "", found.group()
        if kind == "tag":
            kind = "escape"
        if kind == "space":
            continue
        if kind == "word":
            value = value.lower()
        elif kind == "quoted":
            inner = value[1:-1]
            if re.fullmatch(r"[a-z_][a-z0-9_$]*", inner):
                yield "name", inner
                continue
        elif kind == "op" and len(value) > 1 and value[-1] in "+-" and not _SPECIAL.intersection(value):
            # Section 4.1.3: such an operator cannot end in + or -, so what follows is a sign.
            yield kind, value[:-1]
            value = value[-1]
        yield kind, value


def mentioned(text: str, columns: Mapping[str, object]) -> tuple[str, ...]:
    """The columns whose names occur in the text, in the table's order."""
    found = {value.replace('""', '"').strip('"') for kind, value in tokens(text) if kind in ("word", "name", "quoted")}
    return tuple(name for name in columns if name in found)


_LITERALS = r"'(?:[^']|'')*'::character varying(?:, '(?:[^']|'')*'::character varying)*"
_MEMBERSHIP = re.compile(rf"""\((\w+|"(?:[^"]|"")+")\)::text (= ANY|<> ALL) \(\(ARRAY\[({_LITERALS})\]\)::text\[\]\)""")


def readable(text: str) -> str:
    """What the server prints, so that the server makes the same of it again.

    ``s IN ('a', 'b')`` over a varchar column is printed with casts that, read once more, give another expression.
    """
    text = bare(text)
    if ")::text[])" not in text:
        return text
    return _MEMBERSHIP.sub(_membership, text)


def _membership(found: re.Match[str]) -> str:
    values = found.group(3).replace("'::character varying", "'")
    return f"{found.group(1)} {'IN' if found.group(2) == '= ANY' else 'NOT IN'} ({values})"


def is_call(text: str) -> bool:
    """Whether the whole text is one function call, which needs no parentheses as an index key."""
    found = tokens(text)
    if len(found) < 3 or found[0][0] not in ("word", "name") or found[1][1] != "(":
        return False
    if found[0][1] in ("not", "case", "array"):
        return False
    depth = 0
    for at, (_, value) in enumerate(found):
        depth += (value == "(") - (value == ")")
        if at and depth == 0:
            return at == len(found) - 1
    return False
