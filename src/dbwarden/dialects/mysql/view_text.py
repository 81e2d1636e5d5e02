"""The query of a view as the catalogue prints it: what it uses, and the names of its columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dbwarden.core.sqltext import Token, TokenKind
from dbwarden.core.tokens import readable, unquoted
from dbwarden.core.types import Ref

from .words import LEXICAL_RULES


@dataclass(frozen=True, slots=True)
class ViewText:
    """The query of a view as the catalogue prints it, without the name of its own database."""

    text: str
    aliases: tuple[str, ...]
    """The names of its columns in the text."""
    needs: frozenset[Ref]
    """Relations and functions that it uses; views among them count as tables."""

    @classmethod
    def of(cls, text: str, database: str, functions: Collection[str]) -> ViewText:
        """Parse a text; both servers print the database before each relation, and quote all names."""
        tokens = readable(text, LEXICAL_RULES)
        needs, pieces, end = set[Ref](), list[str](), 0
        for token, dot, name, behind in zip(tokens, tokens[1:], tokens[2:], [*tokens[3:], None], strict=False):
            if token.kind is TokenKind.IDENTIFIER and dot.text == "." and unquoted(token, LEXICAL_RULES) == database:
                pieces.append(text[end : token.start])
                end = name.start
                kind = "function" if behind is not None and behind.text == "(" else "table"
                needs.add(Ref(kind, unquoted(name, LEXICAL_RULES)))
        for token, opening in pairwise(tokens):
            if opening.text == "(" and token.kind is TokenKind.IDENTIFIER:
                name_called = unquoted(token, LEXICAL_RULES)
                needs |= {Ref("function", name_called)} if name_called in functions else set()
        return cls("".join((*pieces, text[end:])), _aliases(tokens), frozenset(needs))


def _aliases(tokens: Sequence[Token]) -> tuple[str, ...]:
    """The names of the columns of the first SELECT outside of parentheses: the last name of each item."""
    aliases, depth, inside, last = [], 0, False, ""
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        word = token.text.lower() if token.kind is TokenKind.WORD and depth == 0 else ""
        if inside and depth == 0 and (word == "from" or token.text == ","):
            aliases.append(last)
            if word == "from":
                return tuple(aliases)
        inside = inside or word == "select"
        last = unquoted(token, LEXICAL_RULES) if token.kind is TokenKind.IDENTIFIER else last
    return (*aliases, last) if inside else ()


def makes_documents(text: str) -> bool:
    """Whether a query is that of a JSON duality view, which ``information_schema.views`` does not tell from others (MySQL 9.4):
    only there the function has keys before colons."""
    tokens = [token.text.lower() for token in readable(text, LEXICAL_RULES)]
    places = zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False)
    return any(name == "json_duality_object" and (opening, colon) == ("(", ":") for name, opening, _, colon in places)
