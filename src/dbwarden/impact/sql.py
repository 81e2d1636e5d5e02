"""Uses in SQL text: parsed and resolved through aliases, subqueries and common table expressions.

What the parser does not know (procedural bodies, vendor statements) is read as tokens, and is less sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from dbwarden.core.ddl.cursor import cursor
from dbwarden.core.sqltext import ANSI, LexicalRules, Token, TokenKind, split, words
from dbwarden.core.tokens import literal, unquoted
from dbwarden.errors import SqlTextError

from .resolver import Hit, Resolver
from .subject import Impact, Key, Subject
from .usage import Confidence

_FIRST_WORDS = frozenset(
    "SELECT INSERT UPDATE DELETE WITH MERGE REPLACE CREATE ALTER DROP TRUNCATE COPY EXPLAIN COMMENT".split()
)
_CONDITIONS = {"IF": "THEN", "ELSIF": "THEN", "ELSEIF": "THEN", "WHEN": "THEN", "WHILE": "LOOP"}
"""First word of a condition in the body of a function -> its last word."""
_BEGINNING = re.compile(r"\s*[A-Za-z(/-]")
_HOLES = (
    re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL),
    re.compile(r"\{\{.*?\}\}|\{[\w.\[\]!:'\"]*\}|%\(\w+\)s|%s", re.DOTALL),
)
_BEFORE_TABLE = frozenset(("FROM", "JOIN", "INTO", "UPDATE", "TABLE", "ONLY", "ON", "REFERENCES", "TYPE", "USING", ","))
_NO_ALIAS = frozenset(
    "ON WHERE SET VALUES JOIN LEFT RIGHT INNER OUTER FULL CROSS GROUP ORDER LIMIT USING SELECT RETURNING DROP ADD ALTER"
    " RENAME FOR UNION AND THEN LOOP END DO AS".split(" ")
) | {""}


def is_statement(text: str) -> bool:
    """Whether a text begins as a statement."""
    if not _BEGINNING.match(text):
        return False
    at = cursor(text, ANSI)
    try:
        at.skip_any("(")
        return at.word() in _FIRST_WORDS
    except SqlTextError:
        return False


def _statement_start(sql: str, lexical_rules: LexicalRules) -> int:
    """Offset of a statement in a function's body, behind words such as BEGIN, ELSE or IF ... THEN."""
    at = cursor(sql, lexical_rules)
    while at.skip_any("BEGIN", "ELSE", "LOOP") or (at.word() in _CONDITIONS and at.find(_CONDITIONS[at.word()])):
        pass
    token = at.token()
    return token.start if token is not None else 0


def _fill_holes(text: str) -> str:
    """The text with its holes (placeholders of drivers, ``{name}``, Jinja) filled, at the same offsets."""
    if "{" not in text and "%" not in text:
        return text
    text = _HOLES[0].sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    return _HOLES[1].sub(
        lambda match: (":h" if match[0][0] == "%" else "h_").ljust(len(match[0]))[: len(match[0])], text
    )


@dataclass(frozen=True)
class SqlReader:
    """Finds the subjects of ``impact`` in SQL. ``grammar`` is the parser's name of the dialect."""

    impact: Impact
    grammar: str = ""
    lexical_rules: LexicalRules = ANSI
    _known: dict[tuple[str, bool], tuple[Hit, ...]] = field(default_factory=dict, repr=False)

    def statements(self, text: str, *, sure: bool = True) -> tuple[Hit, ...]:
        """The uses in one or several statements; without ``sure`` only what parses counts, and is likely at best."""
        if (text, sure) not in self._known:
            self._known[text, sure] = tuple(self._statements(_fill_holes(text), sure))
        return self._known[text, sure]

    def fragment(self, text: str, tables: Sequence[Key] = ()) -> Iterator[Hit]:
        """The uses in a part of a statement; ``tables`` are those that the statement around it names."""
        for token, subject, owner in self._words(_fill_holes(text)).columns():
            if owner == subject.key[1].lower():
                yield Hit(token.start, subject, Confidence.CERTAIN, "SQL text that names the table")
            elif not owner and subject.key in tables:
                yield Hit(token.start, subject, Confidence.LIKELY, "SQL text in a statement on the table")
            elif not owner and not tables:
                yield Hit(token.start, subject, Confidence.POSSIBLE, "SQL text that names a column so")

    def _statements(self, text: str, sure: bool) -> Iterator[Hit]:
        if not self._mentions(text):
            return
        try:
            parts = split(text, self.lexical_rules)
        except SqlTextError:
            return
        for part in parts:
            if self._mentions(part.text):
                start = _statement_start(part.text, self.lexical_rules)
                yield from (hit.moved(part.start + start) for hit in self._statement(part.text[start:], sure))

    def _mentions(self, text: str) -> bool:
        """Whether the text has a subject's name, or fills a table of one by position."""
        low = text.lower()
        inserts = "insert" in low
        return any(
            subject.ref.name.lower() in low
            or (inserts and subject.ref.kind == "column" and subject.key[1].lower() in low)
            for subject in self.impact.subjects
        )

    def _statement(self, text: str, sure: bool) -> Iterator[Hit]:
        if sure:
            tokens = self._words(text)
            yield from tokens.names()
            for token in tokens.tokens:
                if token.kind is TokenKind.DOLLAR:  # a body is SQL of its own
                    opening = token.text.index("$", 1) + 1
                    body = self._statements(token.text[opening:-opening], True)
                    yield from (hit.moved(token.start + opening) for hit in body)
        tree = self._parsed(text)
        if tree is not None:
            for hit in Resolver(tree, self.impact, text).hits():
                yield hit if sure else replace(hit, confidence=hit.confidence.at_most(Confidence.LIKELY))
        elif sure:
            yield from self._words(text, TokenKind.DOLLAR).hits()

    def _parsed(self, text: str) -> Any:
        """The statement's tree; ``None`` where the parser gives up on it."""
        if not is_statement(text):
            return None
        try:
            tree = parse_one(text, read=self.grammar or None)
        except (SqlglotError, RecursionError):
            return None
        return None if tree.find(exp.Command) else tree

    def _words(self, text: str, *left_out: TokenKind) -> _TokenUses:
        try:
            tokens = [token for token in words(text, self.lexical_rules) if token.kind not in left_out]
        except SqlTextError:
            tokens = []
        return _TokenUses(self.impact, tokens, self.lexical_rules)


@dataclass(frozen=True)
class _TokenUses:
    """Uses among the tokens of a text that is not parsed."""

    impact: Impact
    tokens: Sequence[Token]
    lexical_rules: LexicalRules

    def names(self) -> Iterator[Hit]:
        """Indexes and constraints have names of their own: the word is enough."""
        for token in self.tokens:
            for subject in self.impact.named(self._name(token), "index", "constraint"):
                yield Hit(token.start, subject, Confidence.CERTAIN, f"SQL names the {subject.ref.kind}")

    def columns(self) -> Iterator[tuple[Token, Subject, str]]:
        """The words that may be columns, with the one before their point."""
        for at, token in enumerate(self.tokens):
            before = self.tokens[at - 1].text if at else ""
            if before not in (":", "@", "$") and self._text(at + 1) != "(":
                owner = self._name(self.tokens[at - 2]) if before == "." and at >= 2 else ""
                yield from ((token, subject, owner) for subject in self.impact.named(self._name(token), "column"))

    def hits(self) -> Iterator[Hit]:
        """The uses in a statement, judged by the tables that it names anywhere."""
        owners = self._owners()
        tables = set(owners.values())
        for token in self.tokens:
            for subject in self.impact.named(self._name(token), "table", "view"):
                if subject.ref.name.lower() in owners:
                    yield Hit(token.start, subject, Confidence.LIKELY, "SQL that names the table")
            for subject in self.impact.values(literal(token) if token.kind is TokenKind.STRING else None):
                if (subject.ref.table or "") in owners or any(key[1] in owners for key, _ in subject.columns):
                    reason = "SQL that mentions the value and where it is held"
                    yield Hit(token.start + 1, subject, Confidence.LIKELY, reason)
        for token, subject, owner in self.columns():
            if owner and owners.get(owner) == subject.key[1].lower():
                yield Hit(token.start, subject, Confidence.LIKELY, "SQL that names the table")
            elif not owner and subject.key[1].lower() in tables:
                yield Hit(token.start, subject, Confidence.POSSIBLE, "SQL that mentions the table")

    def _owners(self) -> Mapping[str, str]:
        """Every word that may stand before a point -> the table that it means, in lower case."""
        owners: dict[str, str] = {}
        for at in range(1, len(self.tokens)):
            if self._text(at - 1) in _BEFORE_TABLE:
                end = at
                while self._text(end + 1) == ".":
                    end += 2
                name = self._name(self.tokens[end]) if end < len(self.tokens) else ""
                alias = end + 1 + (self._text(end + 1) == "AS")
                if name:
                    owners[name] = name
                if name and self._text(alias) not in _NO_ALIAS and self.tokens[alias].kind is TokenKind.WORD:
                    owners[self.tokens[alias].text.lower()] = name
        return owners

    def _text(self, at: int) -> str:
        return self.tokens[at].text.upper() if at < len(self.tokens) else ""

    def _name(self, token: Token) -> str:
        is_name = token.kind in (TokenKind.WORD, TokenKind.IDENTIFIER)
        return unquoted(token, self.lexical_rules).lower() if is_name else ""
