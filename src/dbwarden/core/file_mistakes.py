"""Finds mistakes that would pass as SQL or as a comment: unresolved merges, commands of a client, misplaced lines.

Each function returns the offset of the mistake and the sentence about it, and is called only for a text that may have one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from dbwarden.errors import SqlTextError

from .ddl.cursor import cursor
from .sqltext import LexicalRules, TokenKind, iterate, tokens, words
from .suggestions import nearest

Mistake: TypeAlias = tuple[int, str]

_CONFLICT = re.compile(
    r"^<{7}(?: (?P<ours>.*?))?\r?$(?:.*\n)*?^={7}\r?$(?:.*\n)*?^>{7}(?: (?P<theirs>.*?))?\r?$", re.MULTILINE
)
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)")
_SECTION_WORDS = {
    "up": "upgrade",
    "down": "rollback",
    "downgrade": "rollback",
    "revert": "rollback",
    "undo": "rollback",
}


def merge_conflict(text: str) -> Mistake | None:
    """The first merge conflict that git left; inside quotes, one would pass as text."""
    match = _CONFLICT.search(text)
    if match is None:
        return None
    ours, theirs = match["ours"] or "one side", match["theirs"] or "the other"
    return match.start(), f"git left a conflict between {ours} and {theirs} unresolved"


def client_command(text: str, lexical_rules: LexicalRules) -> Mistake | None:
    """The first command of a client: a quote in the rows of a COPY would never be closed."""
    try:
        for statement in iterate(text, lexical_rules):
            at = 0 if statement.text[0] == "\\" else _offset_of_command(statement.text, lexical_rules)
            if at is not None:
                command = _COMMAND.match(statement.text, at)
                word = command.group() if command else "\\"
                dumped = ", written by pg_dump" if word in ("\\restrict", "\\unrestrict") else ""
                reason = f"`{word}` is a command of {lexical_rules.client}{dumped}, not SQL: remove the line"
                return statement.start + at, reason
            if _reads_rows(statement.text, lexical_rules):
                return statement.start, (
                    f"the rows of `COPY ... FROM stdin` are read by {lexical_rules.client} and not by the server: write"
                    " them as INSERT (`pg_dump --inserts` does), or name a file of the server"
                )
    except SqlTextError:
        pass  # reported with its position when the sections are read
    return None


def _reads_rows(sql: str, lexical_rules: LexicalRules) -> bool:
    at = cursor(sql, lexical_rules)
    return at.word() == "COPY" and at.find("FROM") and at.word() == "STDIN"


def _offset_of_command(sql: str, lexical_rules: LexicalRules) -> int | None:
    """Offset of a backslash outside of quotes."""
    return next((token.start for token in words(sql, lexical_rules) if token.text[0] == "\\"), None)


def misplaced_line(
    text: str, suspects: Iterator[re.Match[str]], sections: Sequence[tuple[int, int]], lexical_rules: LexicalRules
) -> Mistake | None:
    """The first misspelt section line, which would run the rollback as upgrade, or header inside a section.

    ``sections`` are their first and last offsets; a suspect has the groups ``header`` and ``word``.
    """
    for match in suspects:
        reason = _reason(match["header"], (match["word"] or "").lower())
        if reason and _is_comment(text, sections, match.start(1), lexical_rules):
            return match.start(1), reason
    return None


def _reason(header: str | None, word: str) -> str | None:
    if header:
        return f"`-- {header}:` is a header, it must stand before the first section"
    if word in ("upgrade", "rollback"):
        return None
    meant = _SECTION_WORDS.get(word) or next(iter(nearest(word, ("upgrade", "rollback"), cutoff=0.75)), None)
    return f"`-- {word}` is not a section; did you mean `-- {meant}`?" if meant else None


def _is_comment(text: str, sections: Sequence[tuple[int, int]], offset: int, lexical_rules: LexicalRules) -> bool:
    for start, end in sections:
        if start <= offset < end:
            return any(
                token.start == offset and token.kind is TokenKind.COMMENT
                for token in tokens(text, lexical_rules, start, end)
            )
    return False
