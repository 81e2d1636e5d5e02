"""On whose behalf an object works: the clauses DEFINER and SQL SECURITY of a CREATE statement.

A declaration may leave both out. What an existing object has then stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dbwarden.core.tokens import readable, unquoted

from .words import LEXICAL_RULES

_NAME = r"(?:`(?:[^`]|``)*`|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[^\s`'\"@(]+)"
_CLAUSE = re.compile(rf"\bDEFINER\s*=\s*({_NAME}(?:\s*@\s*{_NAME}|\(\s*\))?)\s*", re.IGNORECASE)
_HEAD = re.compile(r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:ALGORITHM\s*=\s*\w+\s+)?", re.IGNORECASE)
_ACCOUNT = re.compile(rf"\s*({_NAME})(?:\s*@\s*({_NAME}))?\s*(?:\(\s*\))?\s*")
_SECURITY = ("SQL", "SECURITY")
_TYPE_WORDS = frozenset(
    "UNSIGNED SIGNED ZEROFILL BINARY VARYING PRECISION ASCII UNICODE CHARACTER CHARSET SET COLLATE CHAR VARCHAR".split()
)
"""Words that may follow the name of a type. ``SET`` belongs to ``CHARACTER SET``."""
_NAMED = frozenset(("SET", "CHARSET", "COLLATE"))
"""Words of a type that a name follows."""
CURRENT = "CURRENT_USER"


def clause(account: str) -> str:
    """The clause for an account as the server prints it: ``DEFINER=`app`@`%` ``; for a role without a host."""
    if account.strip().upper().rstrip("() ") == CURRENT:
        return f"DEFINER={CURRENT}"
    match = _ACCOUNT.fullmatch(account)
    if match is None:
        user, _, host = account.strip().rpartition("@")
        parts = [user, host] if user else [host]
    else:
        parts = [_unquoted(part) for part in match.groups() if part is not None]
    quoted = "@".join("`" + part.replace("`", "``") + "`" for part in parts if part)
    return f"DEFINER={quoted}"


def _unquoted(name: str) -> str:
    mark = name[0]
    return name[1:-1].replace(mark * 2, mark) if mark in "`'\"" else name


def definer(text: str) -> str | None:
    """The clause in the head of a CREATE statement, as the server prints it."""
    span = _position(text)
    return clause(text[span[0] : span[1]].partition("=")[2]) if span is not None else None


def _position(text: str) -> tuple[int, int] | None:
    """Where the clause begins and ends, with the white space behind it."""
    start = statement_start(text)
    head = _HEAD.match(text, start)
    match = _CLAUSE.match(text, head.end()) if head is not None else None
    return match.span() if match is not None else None


def statement_start(text: str) -> int:
    """Where CREATE stands: statements that set the session may come before it."""
    match = re.search(r"^CREATE\b", text, re.IGNORECASE | re.MULTILINE)
    return match.start() if match is not None else 0


def with_definer(text: str, written: str | None) -> str:
    """The text with the clause, unless it has one already."""
    if written is None or _position(text) is not None:
        return text
    head = _HEAD.match(text, statement_start(text))
    return f"{text[: head.end()]}{written} {text[head.end() :]}" if head is not None else text


def without_definer(text: str) -> str:
    """The text on behalf of the account that executes it."""
    span = _position(text)
    return text[: span[0]] + text[span[1] :] if span is not None else text


# -- SQL SECURITY -----------------------------------------------------------------------------------------------------


def security(text: str) -> str | None:
    """``SQL SECURITY INVOKER`` or ``SQL SECURITY DEFINER`` of a CREATE statement; ``None`` if it has neither."""
    words = [token.text.upper() for token in readable(text, LEXICAL_RULES)]
    for at in range(len(words) - 2):
        if tuple(words[at : at + 2]) == _SECURITY:
            return f"SQL SECURITY {words[at + 2]}"
    return None


def with_security(kind: str, text: str, written: str | None) -> str:
    """CREATE of a view or routine with the clause, unless it has one already."""
    if written is None or kind not in ("view", "function", "procedure") or security(text) is not None:
        return text
    start = statement_start(text)
    tokens = [token for token in readable(text, LEXICAL_RULES) if token.start >= start]
    words = [token.text.upper() for token in tokens]
    if ("VIEW" if kind == "view" else "(") not in words:
        return text
    if kind == "view":
        place = tokens[words.index("VIEW")].start
        return f"{text[:place]}{written} {text[place:]}"
    behind = behind_type(words)
    if behind >= len(tokens):
        return text
    place = tokens[behind].start
    return f"{text[:place]}{written} {text[place:]}"


def _behind_parameters(words: Sequence[str]) -> int:
    """The number of the first word behind the parameters of a routine."""
    depth = 0
    for at in range(words.index("("), len(words)):
        depth += (words[at] == "(") - (words[at] == ")")
        if depth == 0:
            return at + 1
    return len(words)


def behind_type(words: Sequence[str]) -> int:
    """The number of the first word of a CREATE statement behind the parameters of a routine, and behind the type that it returns;
    ``words`` are in upper case."""
    start = next((at for at, word in enumerate(words) if word in ("FUNCTION", "PROCEDURE")), 0)
    at = start + _behind_parameters(words[start:])
    if at >= len(words) or words[at] != "RETURNS":
        return at
    at += 2
    while at < len(words):
        if words[at] == "(":
            at = at + _behind_parameters(words[at:])
        elif words[at] in _NAMED:
            at += 2
        elif words[at] in _TYPE_WORDS:
            at += 1
        else:
            break
    return at


def account_of(written: str) -> str:
    """The account of a clause as the server prints it: ``app@%``, or the name of a role."""
    tokens = readable(written.partition("=")[2], LEXICAL_RULES)
    return "@".join(unquoted(token, LEXICAL_RULES) for token in tokens if token.text != "@")
