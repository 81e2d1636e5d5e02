"""One statement as a row of tokens that are taken from the left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbwarden.core.sqltext import Lexis, Token, TokenKind, words

_CLOSING = {"`": "`", '"': '"', "[": "]"}


def unquoted(token: Token) -> str:
    """An identifier as the catalogue knows it: quoted as it is, else in lower case."""
    if token.kind is TokenKind.IDENTIFIER:
        quote = _CLOSING[token.text[0]]
        return token.text[1:-1].replace(quote * 2, quote)
    return token.text.lower()


def string(token: Token) -> str | None:
    """The value of a string token."""
    if token.kind is not TokenKind.STRING:
        return None
    return token.text[token.text.index("'") + 1 : -1].replace("''", "'")


class Cursor:
    """Tokens that count, and how far they were taken."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens, self.at = tokens, 0

    @classmethod
    def over(cls, sql: str, lexis: Lexis) -> Cursor:
        """The tokens of a statement. Raises ``SqlTextError``."""
        return cls(tuple(words(sql, lexis)))

    def __bool__(self) -> bool:
        return self.at < len(self.tokens)

    @property
    def word(self) -> str:
        """The next token in capitals, quoted ones as written; empty at the end."""
        if self.at >= len(self.tokens):
            return ""
        token = self.tokens[self.at]
        return token.text.upper() if token.kind is not TokenKind.IDENTIFIER else token.text

    def take(self, phrase: str) -> bool:
        """Whether the next words are those of ``phrase``; they are taken then."""
        wanted, start = phrase.split(), self.at
        for word in wanted:
            if self.word != word:
                self.at = start
                return False
            self.at += 1
        return True

    def skip(self, *phrases: str) -> None:
        """Take any of these, in this order, where they stand."""
        for phrase in phrases:
            self.take(phrase)

    def next(self) -> Token | None:
        """The next token, taken."""
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else None

    def name(self) -> str:
        """An identifier, or the last part of a path; empty where none stands."""
        return self.path()[1]

    def path(self) -> tuple[str | None, str]:
        """Schema and name of ``schema.name``."""
        parts: list[str] = []
        while self and self.tokens[self.at].kind in (TokenKind.WORD, TokenKind.IDENTIFIER):
            parts.append(unquoted(self.tokens[self.at]))
            self.at += 1
            if self.word != ".":
                break
            self.at += 1
        return (parts[-2] if len(parts) > 1 else None), (parts[-1] if parts else "")

    def group(self) -> Cursor:
        """What stands in the parentheses that begin here; nothing where none do."""
        if self.word != "(":
            return Cursor(())
        start, depth = self.at + 1, 0
        while self:
            depth += {"(": 1, ")": -1}.get(self.word, 0)
            self.at += 1
            if depth == 0:
                break
        return Cursor(self.tokens[start : self.at - 1])

    def items(self) -> Iterator[Cursor]:
        """The parts between commas outside of parentheses, up to the end."""
        start, depth = self.at, 0
        while self:
            depth += {"(": 1, ")": -1, "[": 1, "]": -1}.get(self.word, 0)
            if self.word == "," and depth == 0:
                yield Cursor(self.tokens[start : self.at])
                start = self.at + 1
            self.at += 1
        if start < len(self.tokens):
            yield Cursor(self.tokens[start:])

    def until(self, *stops: str) -> tuple[Token, ...]:
        """The tokens up to one of these words outside of parentheses, taken."""
        start, depth = self.at, 0
        while self and not (depth == 0 and self.word in stops):
            depth += {"(": 1, ")": -1}.get(self.word, 0)
            self.at += 1
        return tuple(self.tokens[start : self.at])

    def seek(self, word: str) -> bool:
        """Go behind the next ``word`` outside of parentheses; nothing moves where there is none."""
        start = self.at
        self.until(word)
        if self.take(word):
            return True
        self.at = start
        return False
