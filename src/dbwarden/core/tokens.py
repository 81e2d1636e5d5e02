"""What tokens say: names, constants, calls; and texts in which tokens are replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from dbwarden.errors import SqlTextError

from . import sqltext
from .lexical_rules import LexicalRules
from .sqltext import Token, TokenKind, fold_case

NAMES = (TokenKind.WORD, TokenKind.IDENTIFIER)
QUOTED = (TokenKind.IDENTIFIER, TokenKind.STRING, TokenKind.DOLLAR)
DEPTH = {"(": 1, ")": -1}
_CLOSING = {"[": "]"}
_NO_SPACE_BEFORE = frozenset((")", ",", ".", "::", "]"))
_NO_SPACE_AFTER = ("(", "[", ".", "::")
_ESCAPE = re.compile(r"\\(?:\\|\+([0-9A-Fa-f]{6})|([0-9A-Fa-f]{4}))")
"""Characters in the name of one token, ``U&"..."``."""


def without(tokens: Iterable[Token], phrase: tuple[str, ...]) -> Iterator[Token]:
    """The tokens without each occurrence of these words and the name after them."""
    matched: list[Token] = []
    for token in tokens:
        if len(matched) == len(phrase):
            matched = []
        elif token.kind is TokenKind.WORD and token.text.upper() == phrase[len(matched)]:
            matched.append(token)
        else:
            yield from matched
            matched = []
            yield token
    yield from matched


def unquoted(token: Token, lexical_rules: LexicalRules) -> str:
    """The name that a token stands for, as the server stores it."""
    if token.kind not in QUOTED:
        return fold_case(token.text) if lexical_rules.folds_names else token.text
    text = token.text
    if text[:2] in ("U&", "u&"):
        return _ESCAPE.sub(_character, text[3:-1].replace('""', '"'))
    closing = _CLOSING.get(text[0])
    return text[1:-1] if closing else text[1:-1].replace(text[0] * 2, text[0])


def _character(escape: re.Match[str]) -> str:
    code = escape.group(1) or escape.group(2)
    return chr(int(code, 16)) if code and int(code, 16) < 0x110000 else "\\"


def literal(token: Token) -> str:
    """The text of a string constant: ``'...'`` with or without a prefix, ``"..."`` (MySQL), ``$$...$$``."""
    if token.kind is TokenKind.DOLLAR:
        tag = token.text.index("$", 1) + 1
        return token.text[tag:-tag]
    quote = token.text[-1]
    body = token.text[token.text.index(quote) + 1 : -1]
    return body.replace(quote * 2, quote)


def to_text(tokens: Sequence[Token]) -> str:
    """Tokens as one text, without spaces before commas and around parentheses, dots and casts."""
    text = ""
    for token in tokens:
        tight = (
            token.text in _NO_SPACE_BEFORE
            or (token.text in "([" and text[-1:].isalnum())
            or text.endswith(_NO_SPACE_AFTER)
        )
        text += token.text if tight or not text else f" {token.text}"
    return text


def upper_text(tokens: Iterable[Token]) -> str:
    """Tokens as one text, with words in upper case."""
    return " ".join(token.text.upper() if token.kind is TokenKind.WORD else token.text for token in tokens)


def outside(tokens: Iterable[Token]) -> list[str]:
    """The words outside of parentheses, in upper case."""
    upper, depth = [], 0
    for token in tokens:
        depth += DEPTH.get(token.text, 0)
        if depth == 0 and token.kind is TokenKind.WORD:
            upper.append(token.text.upper())
    return upper


def type_name(sql: str, lexical_rules: LexicalRules) -> str:
    """Name of a type in small letters, without its schema, arguments and dimensions."""
    name = ""
    for token in readable(sql, lexical_rules):
        if token.kind not in NAMES and token.text != ".":
            break
        name = unquoted(token, lexical_rules)
    return name.lower()


def calls(tokens: Iterable[Token], lexical_rules: LexicalRules) -> Iterator[str]:
    """The names before an opening parenthesis, in lower case and as qualified in the text."""
    path = ""
    for token in tokens:
        if token.text == "(":
            if path:
                yield path
            path = ""
        elif token.kind in NAMES:
            name = unquoted(token, lexical_rules).lower()
            path = path + name if path.endswith(".") else name
        else:
            path = f"{path}." if token.text == "." and path else ""


def readable(sql: str, lexical_rules: LexicalRules) -> list[Token]:
    """The tokens that count; none of a text with a quote or comment that is never closed: the server says what is wrong."""
    try:
        return list(sqltext.words(sql, lexical_rules))
    except SqlTextError:
        return []


@lru_cache(maxsize=1 << 14)
def names(sql: str, lexical_rules: LexicalRules) -> frozenset[str]:
    """The words and quoted names of an expression as the server stores them; what stands in strings is left out."""
    return frozenset(unquoted(token, lexical_rules) for token in readable(sql, lexical_rules) if token.kind in NAMES)


def mentioned_columns(
    sql: str, columns: Iterable[str], lexical_rules: LexicalRules, caseless: bool = False
) -> tuple[str, ...]:
    """The columns that an expression mentions, in the table's order; ``caseless`` where ``A`` and ``a`` are one name."""
    seen, fold = names(sql, lexical_rules), fold_case if caseless else str
    if caseless:
        seen = frozenset(map(fold_case, seen))
    return tuple(column for column in columns if fold(column) in seen)


def replaced(sql: str, lexical_rules: LexicalRules, replacement: Callable[[Token], str]) -> str:
    """The text with another one in the place of each token; unchanged where a quote or comment is never closed."""
    try:
        return "".join(map(replacement, sqltext.tokens(sql, lexical_rules)))
    except SqlTextError:
        return sql


def trailing_collation(text: str, lexical_rules: LexicalRules) -> tuple[str, str] | None:
    """A text without the COLLATE at its end, and the collation; ``None`` if there is no COLLATE outside of parentheses."""
    depth, start = 0, None
    for token in sqltext.tokens(text, lexical_rules):
        depth += DEPTH.get(token.text, 0)
        if depth == 0 and token.text.upper() == "COLLATE":
            start = token
    if start is None or start.start == 0:
        return None
    name = text[start.end :].strip()
    plain = all(token.kind in NAMES or token.text == "." for token in sqltext.tokens(name, lexical_rules))
    return (text[: start.start].rstrip(), dotted(name, lexical_rules)) if name and plain else None


def dotted(sql: str, lexical_rules: LexicalRules) -> str:
    """A name with its schema, without quotes."""
    return "".join(
        token.text if token.kind is TokenKind.WORD else unquoted(token, lexical_rules)
        for token in readable(sql, lexical_rules)
    )


def without_collation(text: str, lexical_rules: LexicalRules) -> str:
    """The text of a type without the COLLATE at its end."""
    split = trailing_collation(text, lexical_rules)
    return text if split is None else split[0]
