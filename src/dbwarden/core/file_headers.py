"""Headers of migration files: comments of the form ``-- name: value`` before the first section, each a row of ``HEADERS``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .file_error import raise_error
from .sqltext import LexicalRules, TokenKind, tokens
from .suggestions import did_you_mean, nearest

if TYPE_CHECKING:
    from .change import Rename


@dataclass(frozen=True, slots=True)
class Header:
    """A row of the header table. ``read`` raises ``ValueError`` with the expected form."""

    name: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    flag: bool = False
    """Whether it is written without a value."""


def _names(value: str) -> tuple[str, ...]:
    import json  # deferred: most files depend on none

    try:
        names = json.loads(value)
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise ValueError('a list of versions such as ["0001", "0002"]')
    return tuple(names)


def _list_of_names(names: Iterable[str]) -> str:
    import json

    return json.dumps(list(names), ensure_ascii=False)


def _names_or_patterns(value: str) -> tuple[str, ...]:
    try:
        return _names(value)
    except ValueError:
        raise ValueError('a list of names such as ["audit_log", "auth_*"]') from None


def _switch(value: str) -> str:
    if value not in ("on", "off"):
        raise ValueError("on or off")
    return value


def _sentence(value: str) -> str:
    if not value:
        raise ValueError("a text after the colon")
    return " ".join(value.split())


def _runner(value: str) -> str:
    from .table_runner import runner_name

    return runner_name(value)


# Most files rename nothing, and commands that only read files need no schema: these two wait for the first such header.


def _renames(value: str) -> tuple[Rename, ...]:
    from .rename_text import parse_header

    return parse_header(value)


def _renames_text(renames: Iterable[Rename]) -> str:
    from .rename_text import format_header

    return format_header(renames)


HEADERS: tuple[Header, ...] = (
    Header("depends_on", _names, _list_of_names),
    Header("repeats", _names, _list_of_names),
    Header("seed", lambda value: True, flag=True),
    Header("transaction", _switch),
    Header("runner", _runner),
    Header("irreversible", _sentence, _sentence),
    Header("renames", _renames, _renames_text),
    Header("adopted", _sentence, _sentence),
    Header("unowned", _names_or_patterns, _list_of_names),
    Header("proven", _sentence, _sentence),
    Header("unproven", _sentence, _sentence),
)
HEADERS_BY_NAME = {header.name: header for header in HEADERS}

_HEADER_LINE = re.compile(
    r"--[ \t]*(?P<name>[A-Za-z][\w-]*)[ \t]*(?P<colon>:(?!//)[ \t]*(?P<value>.*?))?[ \t]*", re.DOTALL
)


def read_headers(name: str, head: str, lexical_rules: LexicalRules) -> dict[str, Any]:
    """The headers in the text up to and including the first section line."""
    headers: dict[str, Any] = {}
    last = head.rstrip().rfind("\n") + 1
    for token in tokens(head, lexical_rules):
        if token.kind is TokenKind.SPACE or token.start >= last:
            continue
        if token.kind is not TokenKind.COMMENT:
            raise_error(
                name, head, token.start, "before the first section (`-- upgrade`) only headers and comments may stand"
            )
        match = _HEADER_LINE.fullmatch(token.text.rstrip())
        if match is None or not (header := _header(name, head, token.start, match)):
            continue
        if header.name in headers:
            raise_error(name, head, token.start, f"a second `-- {header.name}` header")
        headers[header.name] = _value(name, head, token.start, header, match)
    return headers


def _header(name: str, head: str, offset: int, match: re.Match[str]) -> Header | None:
    """The header of a comment line; ``None`` for an ordinary comment."""
    word = match["name"]
    if word in HEADERS_BY_NAME:
        return HEADERS_BY_NAME[word]
    strict = match["colon"] is not None
    near = nearest(word.replace("-", "_"), HEADERS_BY_NAME, cutoff=0.6 if strict else 0.85)
    if near or (strict and word.islower()):
        raise_error(
            name, head, offset, f"`{word}` is not a header{nearest_name(word.replace('-', '_'), HEADERS_BY_NAME)}"
        )
    return None


def _value(name: str, head: str, offset: int, header: Header, match: re.Match[str]) -> Any:
    value = match["value"]
    if header.flag:
        if value:
            raise_error(name, head, offset, f"`-- {header.name}` takes no value")
        return header.read("")
    try:
        return header.read((value or "").strip())
    except ValueError as error:
        raise_error(name, head, offset, f"`-- {header.name}:` expects {error}")


def nearest_name(word: str, names: Iterable[str]) -> str:
    """The nearest of ``names`` as a question, or all of them."""
    return did_you_mean(word, names, quote="`") or f"; known are {', '.join(names)}"
