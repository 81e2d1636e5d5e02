"""References, column types and SQL expressions as values, and the parser for type strings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from . import kinds
from .lexical_rules import ANSI, LexicalRules
from .sqltext import Token, TokenKind, fold_case
from .tokens import DEPTH, NAMES, readable, replaced, unquoted


class Ref(NamedTuple):
    """Identity of a schema object: key in a ``Schema``, vertex in the dependency graph, text in messages.

    ``schema`` is ``None`` for the connection's default schema. ``table`` is set for parts of a table (column, constraint,
    index, trigger, policy).
    """

    kind: str
    name: str
    schema: str | None = None
    table: str | None = None

    def __str__(self) -> str:
        path = ".".join(part for part in (self.schema, self.table, self.name) if part)
        return f"{kinds.title(self.kind)} {path}"

    @property
    def owner(self) -> Ref:
        """The container of a part: the table of a column or an index, the enum of a value; otherwise the ref itself."""
        if self.table is None:
            return self
        return Ref(kinds.of(self.kind).container or "table", self.table, self.schema)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """A tuple without ``None`` to sort by."""
        return (self.schema or "", self.table or "", self.kind, self.name)


@dataclass(frozen=True, slots=True)
class DataType:
    """``name(args) modifiers [][]``: a type as the server names it, lower case unless quoted.

    ``array`` is the number of dimensions. ``modifiers`` follow the arguments (``with time zone``, ``unsigned``). ``ref`` is set
    for a user-defined type (an enum or domain of the schema).
    """

    name: str
    args: tuple[str, ...] = ()
    array: int = 0
    modifiers: str = ""
    ref: Ref | None = None

    def __str__(self) -> str:
        text = f"{self.name}({','.join(self.args)})" if self.args else self.name
        if self.modifiers:
            text = f"{text} {self.modifiers}"
        return text + "[]" * self.array


@dataclass(frozen=True, slots=True)
class NameRules:
    """Rules for the names in an expression."""

    lexical_rules: LexicalRules = ANSI
    """A new name that is not a plain word gets the first of its quotes."""
    caseless: bool = False
    """Whether the case of names is ignored, even in quotes; the keys of expressions have them in lower case."""
    reserved: frozenset[str] = frozenset()
    """Words that are names only if quoted."""
    bound: bool = True
    """Whether the server rewrites the text of a view, trigger or the like when something that it names is renamed."""
    keeps_results: bool = False
    """Whether the columns of a view keep their names when those of its tables are renamed."""
    default_schema: str | None = None
    """The schema that texts may name or leave out."""

    def written(self, name: str) -> str:
        """The name as it stands in an expression, in quotes only where it needs them."""
        return name if _PLAIN.fullmatch(name) and name not in self.reserved else self.quoted(name)

    def quoted(self, name: str) -> str:
        """The name in quotes."""
        quote = self.lexical_rules.identifier_quotes[0]
        return quote + name.replace(quote, quote + quote) + quote

    def same(self, token: Token, name: str) -> bool:
        """Whether a token is this name."""
        if token.kind not in NAMES:
            return False
        token_name = unquoted(token, self.lexical_rules)
        if self.caseless:
            return fold_case(token_name) == fold_case(name)
        return token_name == name or (token.kind is TokenKind.WORD and token_name.lower() == name)


_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_EXACT = NameRules()


@dataclass(frozen=True, slots=True)
class Expression:
    """SQL text of a default, check, predicate or body: printed as ``text``, compared by ``key``.

    A dialect's ``canonical`` sets ``key`` to the normalised tokens, ``normalize_on_server`` to the server's own form. So the
    file has the author's text, which still equals the one in the catalogue.
    """

    text: str = field(compare=False)
    key: str = ""
    names: NameRules = field(default=_EXACT, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.key:
            object.__setattr__(self, "key", self.text)

    def __str__(self) -> str:
        return self.text

    def renamed(self, old: str, new: str) -> Expression:
        """The expression after a column got a new name, as engines rewrite it themselves: literals stay as they are."""
        in_key = fold_case(new) if self.names.caseless else new
        key = _renamed(self.key, old, in_key, self.names)
        return Expression(_renamed(self.text, old, new, self.names), key, self.names)

    def with_type_renamed(self, old: Ref, new: Ref) -> Expression:
        """The expression after a type got a new name or schema: casts to it, as engines rewrite them."""
        text, key = (_rename_type(text, old, new, self.names) for text in (self.text, self.key))
        return self if text == self.text else Expression(text, key, self.names)

    def relabelled(self, old: str, new: str) -> Expression:
        """The expression with the string literal ``old`` turned into ``new``."""
        before, now = ("'" + label.replace("'", "''") + "'" for label in (old, new))
        text, key = (
            replaced(text, self.names.lexical_rules, lambda token: now if token.text == before else token.text)
            for text in (self.text, self.key)
        )
        return Expression(text, key, self.names)


def _renamed(text: str, old: str, new: str, rules: NameRules) -> str:
    if old.isidentifier() and fold_case(old) not in fold_case(text):
        return text

    def swap(token: Token) -> str:
        if not rules.same(token, old):
            return token.text
        return rules.quoted(new) if token.kind is TokenKind.IDENTIFIER else rules.written(new)

    return replaced(text, rules.lexical_rules, swap)


def _rename_type(text: str, old: Ref, new: Ref, rules: NameRules) -> str:
    """Casts to ``old`` as casts to ``new``: ``x::schema.name``."""
    if "::" not in text:
        return text
    path = [part for part in (old.schema, old.name) if part is not None]
    written = ".".join(rules.written(part) for part in (new.schema, new.name) if part is not None)
    tokens, length = readable(text, rules.lexical_rules), 2 * len(path)
    for at in reversed(range(len(tokens) - length + 1)):
        cast, *name = tokens[at : at + length]
        behind = tokens[at + length].text if at + length < len(tokens) else ""
        is_old = all(rules.same(token, part) for token, part in zip(name[::2], path, strict=True))
        if cast.text == "::" and is_old and all(token.text == "." for token in name[1::2]) and behind != ".":
            text = text[: cast.end] + written + text[name[-1].end :]
    return text


@lru_cache(maxsize=4096)
def parse_type(text: str, lexical_rules: LexicalRules = ANSI) -> DataType:
    """Parse a type such as ``TIMESTAMP(3) WITH TIME ZONE``, ``numeric(10, 2)[]`` or ``enum('a','b')``.

    Unquoted words of the name and the modifiers become lower case, unless the engine distinguishes types by letter case
    (``LexicalRules.folds_types``); white space is collapsed, and arguments keep their text. Aliases (``int4``, ``bool``)
    are left to the dialect.
    """
    tokens = readable(text, lexical_rules)
    dimensions = 0
    while (opening := _dimension(tokens)) is not None:
        dimensions += 1
        del tokens[opening:]
    opening = next((at for at, token in enumerate(tokens) if token.text == "("), len(tokens))
    closing, borders = _group(tokens, opening)
    if opening == len(tokens) and tokens and tokens[0].kind is TokenKind.IDENTIFIER:  # no modifier is part of the name
        opening = next((at for at in range(1, opening, 2) if tokens[at].text != "."), opening)
        closing = opening - 1
    args = (text[left.end : right.start].strip() for left, right in pairwise(borders))
    return DataType(
        _folded(tokens[:opening], lexical_rules) or text.strip(),
        args=tuple(filter(None, args)),
        array=dimensions,
        modifiers=_folded(tokens[closing + 1 :], lexical_rules),
    )


def _dimension(tokens: list[Token]) -> int | None:
    """Index of the bracket that opens the last dimension of an array."""
    if not tokens or tokens[-1].text != "]":
        return None
    opening = len(tokens) - (3 if len(tokens) > 2 and tokens[-2].kind is TokenKind.NUMBER else 2)
    return opening if opening > 0 and tokens[opening].text == "[" else None


def _group(tokens: list[Token], opening: int) -> tuple[int, list[Token]]:
    """Index of the parenthesis that closes this one, and the tokens around its parts: both parentheses, the commas."""
    depth, borders = 0, list[Token]()
    for at in range(opening, len(tokens)):
        depth += DEPTH.get(tokens[at].text, 0)
        if at == opening or depth == 0 or (depth == 1 and tokens[at].text == ","):
            borders.append(tokens[at])
        if depth == 0:
            return at, borders
    return len(tokens), borders


def _folded(tokens: list[Token], lexical_rules: LexicalRules) -> str:
    text, end = "", 0
    for token in tokens:
        word = token.text.lower() if token.kind is TokenKind.WORD and lexical_rules.folds_types else token.text
        text += (" " if text and token.start > end else "") + word
        end = token.end
    return text
