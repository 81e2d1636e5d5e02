"""Cursor over the tokens of one statement, without white space and comments.

Tokens are read on demand: reading the head of an INSERT costs the same with one row or a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from dbwarden.core.lexical_rules import LexicalRules
from dbwarden.core.sqltext import Token, TokenKind, fold_case
from dbwarden.core.sqltext import words as significant
from dbwarden.core.tokens import DEPTH, QUOTED, unquoted
from dbwarden.core.types import Ref

from .vocabulary import STANDARD, Vocabulary


class Cursor:
    """A position in a stream of tokens. ``default_schema`` is the schema that unqualified names mean."""

    def __init__(
        self,
        tokens: Iterable[Token],
        lexical_rules: LexicalRules,
        default_schema: str | None = None,
        text: str = "",
        vocabulary: Vocabulary = STANDARD,
    ) -> None:
        self.lexical_rules, self.default_schema, self.text, self.at = lexical_rules, default_schema, text, 0
        self.vocabulary = vocabulary
        self._stream = iter(tokens)
        self._tokens: list[Token] = []

    # -- looking

    def token(self, ahead: int = 0) -> Token | None:
        """The token at the position, or ``ahead`` tokens after it; ``None`` past the end."""
        at = self.at + ahead
        while at >= len(self._tokens):
            token = next(self._stream, None)
            if token is None:
                return None
            self._tokens.append(token)
        return self._tokens[at]

    def word(self, ahead: int = 0) -> str:
        """The token in upper case; empty past the end and for a quoted token."""
        token = self.token(ahead)
        return "" if token is None or token.kind in QUOTED else token.text.upper()

    def words(self, limit: int = 6) -> tuple[str, ...]:
        """The next words in upper case, up to the first token that is not a word; the position stays."""
        leading: list[str] = []
        while len(leading) < limit and (token := self.token(len(leading))) and token.kind is TokenKind.WORD:
            leading.append(token.text.upper())
        return tuple(leading)

    @property
    def at_end(self) -> bool:
        return self.token() is None

    def rest(self) -> list[Token]:
        """The tokens from the position to the end; the position stays."""
        self._tokens.extend(self._stream)
        return self._tokens[self.at :]

    def all(self) -> list[Token]:
        """All tokens, from the first one on."""
        self._tokens.extend(self._stream)
        return self._tokens

    def between(self, start: int) -> list[Token]:
        """The tokens from an earlier position up to this one."""
        return self._tokens[start : self.at]

    def source(self, tokens: Sequence[Token]) -> str:
        """The source text of consecutive tokens."""
        return self.text[tokens[0].start : tokens[-1].end] if tokens else ""

    def mentions(self, *words: str) -> bool:
        """Whether the text contains all these words, perhaps in a comment: a fast test before parsing."""
        text = self._upper_text
        return all(word in text for word in words)

    @cached_property
    def _upper_text(self) -> str:
        return self.text.upper()

    # -- moving

    def skip(self, first: str, *more: str) -> bool:
        """Skip these words if all of them follow; false otherwise."""
        if self.word() != first:
            return False
        for ahead, word in enumerate(more, 1):
            if self.word(ahead) != word:
                return False
        self.at += 1 + len(more)
        return True

    def skip_any(self, *words: str) -> tuple[str, ...]:
        """Skip any number of these words, in any order, and return them."""
        skipped = []
        while self.word() in words:
            skipped.append(self.word())
            self.at += 1
        return tuple(skipped)

    def take(self) -> Token | None:
        """Return the token at the position and move past it."""
        token = self.token()
        self.at += token is not None
        return token

    def group(self) -> list[Token]:
        """Move past the parentheses that open here and return the tokens inside; empty if none open."""
        if self.word() != "(":
            return []
        depth, start = 0, self.at + 1
        for token in self._following():
            self.at += 1
            if token.text in DEPTH:
                depth += DEPTH[token.text]
                if depth == 0:
                    return self._tokens[start : self.at - 1]
        return self._tokens[start:]

    def _following(self) -> Iterator[Token]:
        """The tokens from the position on; those not yet read are read one by one. The position stays."""
        for at in range(self.at, len(self._tokens)):
            yield self._tokens[at]
        for token in self._stream:
            self._tokens.append(token)
            yield token

    def until(self, *ends: str) -> list[Token]:
        """Move to one of these words outside of parentheses, or to the end, and return the tokens up to there."""
        start = self.at
        while not self.at_end and self.word() not in ends:
            if self.word() == "(":
                self.group()
            else:
                self.at += 1
        return self._tokens[start : self.at]

    def find(self, *words: str) -> bool:
        """Move past the first of these words outside of parentheses; false, at the end, if there is none."""
        self.until(*words)
        return self.take() is not None

    # -- names and lists

    def name(self) -> str:
        """Read an identifier, as the server stores it; empty past the end."""
        token = self.take()
        return "" if token is None else unquoted(token, self.lexical_rules)

    def ref(self, kind: str) -> Ref:
        """Read a name with or without its schema."""
        schema, name = None, self.name()
        while self.word() == ".":
            self.at += 1
            schema, name = name, self.name()
        return Ref(kind, name, self.schema(schema))

    def schema(self, name: str | None) -> str | None:
        """The name of a schema; ``None`` for the default one."""
        if name is None or self.lexical_rules.folds_names:
            return None if name == self.default_schema else name
        return None if self.default_schema and fold_case(name) == fold_case(self.default_schema) else name

    def table_name(self, kind: str = "table") -> Ref:
        """Read a name with or without ``ONLY`` and ``*`` (PostgreSQL)."""
        if self.word() == "ONLY" and self.word(1) not in (",", ".") and self.token(1) is not None:
            self.at += 1
            if self.word() == "(":
                return self.inner(self.group()).ref(kind)
        ref = self.ref(kind)
        self.skip("*")
        return ref

    def refs(self, kind: str) -> tuple[Ref, ...]:
        """Read names between commas."""
        refs = [self.table_name(kind)]
        while self.skip(","):
            refs.append(self.table_name(kind))
        return tuple(refs)

    def inner(self, tokens: Iterable[Token]) -> Cursor:
        """A cursor over some of the tokens."""
        return Cursor(tokens, self.lexical_rules, self.default_schema, self.text, self.vocabulary)

    def items(self, tokens: Iterable[Token]) -> Iterator[Cursor]:
        """Cursors over the parts between commas outside of parentheses."""
        inner = self.inner(tokens)
        while not inner.at_end:
            part = inner.until(",")
            if part:
                yield self.inner(part)
            inner.skip(",")

    def names(self) -> tuple[str, ...]:
        """Read the names in parentheses, up to the first expression."""
        names: list[str] = []
        for item in self.items(self.group()):
            length = item.token(2)  # a (10): a column's first characters (MySQL)
            is_prefix = item.word(1) == "(" and length and length.kind is TokenKind.NUMBER and item.word(3) == ")"
            if not is_prefix and (item.word(1) in ("(", ".", "::", "||", "+", "-", "*") or item.word() == "("):
                break
            names.append(item.name())
        return tuple(names)


def cursor(sql: str, lexical_rules: LexicalRules, default_schema: str | None = None) -> Cursor:
    """A cursor at the first token of ``sql``."""
    return Cursor(code(sql, lexical_rules), lexical_rules, default_schema, sql)


def code(sql: str, lexical_rules: LexicalRules) -> Iterator[Token]:
    """The tokens without white space and comments, but with the contents of conditional comments (MySQL)."""
    tokens = significant(sql, lexical_rules)
    if not lexical_rules.conditional_comments:
        return tokens
    return (token for token in tokens if not token.text.startswith(("/*!", "/*M!")) and token.text != "*/")
