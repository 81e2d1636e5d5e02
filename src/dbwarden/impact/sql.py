"""Uses in SQL text: parsed and resolved through aliases, subqueries and common table expressions.

What the parser does not know (procedural bodies, vendor statements) is read as tokens, and is less sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from dbwarden.core.ddl.cursor import cursor, literal, unquoted
from dbwarden.core.sqltext import ANSI, LexicalRules, Token, TokenKind, split, words
from dbwarden.errors import SqlTextError

from .resolver import Resolver
from .subject import Impact, Subject
from .usage import Confidence

_FIRST_WORDS = frozenset(
    "SELECT INSERT UPDATE DELETE WITH MERGE REPLACE CREATE ALTER DROP TRUNCATE COPY EXPLAIN COMMENT".split()
)
_CONDITIONS = {"IF": "THEN", "ELSIF": "THEN", "ELSEIF": "THEN", "WHEN": "THEN", "WHILE": "LOOP"}
"""First word of a condition in the body of a function -> its last word."""
_HOLES = (
    re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL),
    re.compile(r"\{\{.*?\}\}|\{[\w.\[\]!:'\"]*\}|%\(\w+\)s|%s", re.DOTALL),
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A use in a text: where it begins in it."""

    offset: int
    subject: Subject
    sure: Confidence
    why: str


def looks_like(text: str) -> bool:
    """Whether a text begins as a statement."""
    if not _BEGINNING.match(text):
        return False
    at = cursor(text, ANSI)
    try:
        while at.skip("("):
            pass
        return at.word() in _FIRST_WORDS
    except SqlTextError:
        return False


_BEGINNING = re.compile(r"\s*[A-Za-z(/-]")


def _statement_start(sql: str, lexical_rules: LexicalRules) -> int:
    """Offset of a statement in a function's body, behind words such as BEGIN, ELSE or IF ... THEN."""
    at = cursor(sql, lexical_rules)
    while at.skip_any("BEGIN", "ELSE", "LOOP") or (at.word() in _CONDITIONS and at.find(_CONDITIONS[at.word()])):
        pass
    token = at.token()
    return token.start if token is not None else 0


def plugged(text: str) -> str:
    """The text with its holes (placeholders of drivers, ``{name}``, Jinja) filled, at the same offsets."""
    if "{" not in text and "%" not in text:
        return text
    text = _HOLES[0].sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    return _HOLES[1].sub(
        lambda match: (":h" if match.group()[0] == "%" else "h_").ljust(len(match.group()))[: len(match.group())], text
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
            self._known[text, sure] = tuple(self._statements(plugged(text), sure))
        return self._known[text, sure]

    def fragment(self, text: str, tables: Sequence[tuple[str | None, str]] = ()) -> Iterator[Hit]:
        """The uses in a part of a statement; ``tables`` are those that the statement around it names."""
        tokens = self._tokens(plugged(text))
        for at, token in enumerate(tokens):
            for subject in self._named(token):
                owner = _qualifier(tokens, at, self.lexical_rules)
                if subject.ref.kind == "column" and owner and owner.lower() == subject.key[1].lower():
                    yield Hit(token.start, subject, Confidence.CERTAIN, "SQL text that names the table")
                elif subject.ref.kind == "column" and not owner and not _is_call(tokens, at):
                    if subject.key in tables:
                        yield Hit(token.start, subject, Confidence.LIKELY, "SQL text in a statement on the table")
                    elif not tables:
                        yield Hit(token.start, subject, Confidence.POSSIBLE, "SQL text that names a column so")

    def _statements(self, text: str, sure: bool) -> Iterator[Hit]:
        if not self._mentions(text):
            return
        try:
            parts = split(text, self.lexical_rules)
        except SqlTextError:
            parts = []
        for part in parts:
            if self._mentions(part.text):
                start = _statement_start(part.text, self.lexical_rules)
                for hit in self._statement(part.text[start:], sure):
                    yield Hit(hit.offset + part.start + start, hit.subject, hit.sure, hit.why)

    def _mentions(self, text: str) -> bool:
        """Whether the text has a subject's name, or fills a table of one by position."""
        low = text.lower()
        return any(
            subject.ref.name.lower() in low
            or (subject.ref.kind == "column" and subject.key[1].lower() in low and "insert" in low)
            for subject in self.impact.subjects
        )

    def _statement(self, text: str, sure: bool) -> Iterator[Hit]:
        if sure:
            yield from self._names(text)
            yield from self._bodies(text)
        tree = self._parsed(text)
        if tree is None:
            if sure:
                yield from self._by_tokens(text)
            return
        for use in Resolver(tree, self.impact).uses():
            start = use.offset if use.offset is not None else _first(text, use.subject.ref.name)
            level = use.sure if sure else use.sure.at_most(Confidence.LIKELY)
            yield Hit(start, use.subject, level, use.why)

    def _parsed(self, text: str) -> Any:
        """The statement's tree; ``None`` where the parser gives up on it."""
        from sqlglot import exp, parse_one
        from sqlglot.errors import SqlglotError

        if not looks_like(text):
            return None
        try:
            tree = parse_one(text, read=self.grammar or None)
        except (SqlglotError, RecursionError):
            return None
        return None if isinstance(tree, exp.Command) or tree.find(exp.Command) else tree

    # -- tokens

    def _tokens(self, text: str) -> list[Token]:
        try:
            return list(words(text, self.lexical_rules))
        except SqlTextError:
            return []

    def _named(self, token: Token) -> Iterator[Subject]:
        if token.kind in (TokenKind.WORD, TokenKind.IDENTIFIER):
            name = unquoted(token, self.lexical_rules).lower()
            for subject in self.impact.subjects:
                if subject.ref.name.lower() == name:
                    yield subject

    def _names(self, text: str) -> Iterator[Hit]:
        """Indexes and constraints have names of their own: the word is enough."""
        for token in self._tokens(text):
            for subject in self._named(token):
                if subject.ref.kind in ("index", "constraint"):
                    yield Hit(token.start, subject, Confidence.CERTAIN, f"SQL names the {subject.ref.kind}")

    def _bodies(self, text: str) -> Iterator[Hit]:
        """Uses in dollar-quoted bodies, which are SQL of their own."""
        for token in self._tokens(text) if "$" in text else ():
            if token.kind is TokenKind.DOLLAR:
                opening = token.text.index("$", 1) + 1
                for hit in self._statements(token.text[opening:-opening], True):
                    yield Hit(hit.offset + token.start + opening, hit.subject, hit.sure, hit.why)

    def _by_tokens(self, text: str) -> Iterator[Hit]:
        tokens = [token for token in self._tokens(text) if token.kind is not TokenKind.DOLLAR]
        owners = _owners(tokens, self.lexical_rules)
        for at, token in enumerate(tokens):
            for subject in self._named(token):
                table, owner = subject.key[1].lower(), _qualifier(tokens, at, self.lexical_rules)
                if subject.ref.kind in ("table", "view") and owners.get(subject.ref.name.lower()):
                    yield Hit(token.start, subject, Confidence.LIKELY, "SQL that names the table")
                elif subject.ref.kind == "column" and not _is_call(tokens, at):
                    if owner and owners.get(owner.lower()) == table:
                        yield Hit(token.start, subject, Confidence.LIKELY, "SQL that names the table")
                    elif not owner and table in owners.values():
                        yield Hit(token.start, subject, Confidence.POSSIBLE, "SQL that mentions the table")
            yield from self._value(token, owners)

    def _value(self, token: Token, owners: dict[str, str]) -> Iterator[Hit]:
        value = literal(token) if token.kind is TokenKind.STRING else None
        for subject in self.impact.subjects if value is not None else ():
            if subject.ref.kind != "value" or subject.ref.name != value:
                continue
            if (subject.ref.table or "") in owners or any(key[1] in owners for key, _ in subject.columns):
                yield Hit(
                    token.start + 1, subject, Confidence.LIKELY, "SQL that mentions the value and where it is held"
                )


_NO_ALIAS = frozenset(
    "ON WHERE SET VALUES JOIN LEFT RIGHT INNER OUTER FULL CROSS GROUP ORDER LIMIT USING SELECT RETURNING DROP ADD ALTER"
    " RENAME FOR UNION AND THEN LOOP END DO AS".split()
)


def _owners(tokens: Sequence[Token], lexical_rules: LexicalRules) -> dict[str, str]:
    """Every word that may stand before a point -> the table that it means, in lower case."""
    owners: dict[str, str] = {}
    for at in range(len(tokens)):
        behind = at and tokens[at - 1].text.upper()
        if behind not in ("FROM", "JOIN", "INTO", "UPDATE", "TABLE", "ONLY", "ON", "REFERENCES", "TYPE", "USING", ","):
            continue
        end = at
        while end + 2 < len(tokens) and tokens[end + 1].text == ".":
            end += 2
        name = (
            unquoted(tokens[end], lexical_rules).lower()
            if tokens[end].kind in (TokenKind.WORD, TokenKind.IDENTIFIER)
            else ""
        )
        if name:
            owners[name] = name
            alias = end + 1 + (end + 1 < len(tokens) and tokens[end + 1].text.upper() == "AS")
            named = alias < len(tokens) and tokens[alias].kind is TokenKind.WORD
            if named and tokens[alias].text.upper() not in _NO_ALIAS:
                owners[tokens[alias].text.lower()] = name
    return owners


def _qualifier(tokens: Sequence[Token], at: int, lexical_rules: LexicalRules) -> str | None:
    return unquoted(tokens[at - 2], lexical_rules) if at >= 2 and tokens[at - 1].text == "." else None


def _is_call(tokens: Sequence[Token], at: int) -> bool:
    before = tokens[at - 1].text if at else ""
    return before in (":", "@", "$") or (at + 1 < len(tokens) and tokens[at + 1].text == "(")


def _first(text: str, name: str) -> int:
    match = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
    return match.start() if match else 0
