"""The text of a view, trigger or routine after something that it names got another name, as servers rewrite it.

Servers that keep a text bound to what it names print it with the new names afterwards (``NameRules.bound``). A text that they
leave alone has the old names until somebody replaces it: only what stands on a renamed table is found there again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from . import kinds
from .sqltext import Token, fold_case
from .text_scopes import scopes
from .tokens import DEPTH, NAMES, readable, unquoted
from .types import NameRules, Ref

Edit = tuple[int, int, str]
"""Start and end of a part of the text, and what takes its place."""

_BEFORE_RELATION = frozenset(
    "FROM JOIN INTO UPDATE ON TO TABLE ONLY USING VIEW REFERENCES VIEWS EXISTS SEQUENCE TYPE DOMAIN".split()
)
"""Words before the name of a relation."""
_BEFORE_COLUMNS = frozenset("INTO VIEW TABLE ON REFERENCES".split())
"""Words before the name of a relation that may have a list of columns behind it."""
_ITEM_BEGINS = frozenset(("SELECT", "DISTINCT", "ALL", ","))
_ITEM_ENDS = frozenset((",", "FROM", ")", "", "UNION", "EXCEPT", "INTERSECT", "WHERE", "ORDER", "LIMIT", ";"))
_LIST_ENDS = frozenset(("FROM", "WHERE", "GROUP", "ORDER", "LIMIT", "HAVING", "VALUES", "SET"))


def with_new_name(
    text: str,
    old: Ref,
    new: Ref,
    rules: NameRules,
    columns: Collection[str] = (),
    aliases: bool = True,
    ground: str | None = None,
) -> str:
    """``text`` after the rename of a table, column, type, routine, schema or the like.

    ``columns`` are columns that the text may name too: one that is called like the table is not renamed with it.
    ``aliases`` is whether a name directly behind another one is an alias, and not the type of an argument; ``ground`` is the
    table on which a trigger, rule or policy stands.
    """
    name = _plain(old)
    if name.isidentifier() and fold_case(name) not in fold_case(text):
        return text
    tokens = readable(text, rules.lexical_rules)
    if old.kind == "column":
        edits = _column_edits(tokens, old, new, rules, ground)
    elif old.kind == "namespace":
        edits = _namespace_edits(tokens, old, new, rules)
    elif kinds.of(old.kind).is_routine:
        edits = _NamedPlaces(tokens, old, new, rules).routine_edits()
    else:
        edits = _NamedPlaces(tokens, old, new, rules).relation_edits(columns, aliases)
    return _edited(text, edits)


def with_own_name(text: str, old: Ref, new: Ref, rules: NameRules) -> str:
    """The CREATE statement of a trigger, policy or rule, and what stands behind it, under the new name of that object."""
    words = kinds.title(old.kind).upper().split()
    tokens = readable(text, rules.lexical_rules)
    edits = (
        (token.start, token.end, _as_written(token, new.name, rules))
        for at, token in enumerate(tokens)
        if at >= len(words) and rules.same(token, old.name) and _words_before(tokens, at, len(words)) == words
    )
    return _edited(text, edits)


def with_new_ground(text: str, old: Ref, new: Ref, rules: NameRules) -> str:
    """The CREATE statement of a trigger under the new name of its table; its body is left alone."""
    tokens = readable(text, rules.lexical_rules)
    place = next((at for at in range(1, len(tokens)) if tokens[at - 1].text.upper() == "ON"), None)
    if place is None or not rules.same(tokens[place], old.name):
        return text
    token = tokens[place]
    return _edited(text, [(token.start, token.end, _as_written(token, new.name, rules))])


def with_new_label(text: str, old: Ref, new: Ref, rules: NameRules) -> str:
    """``text`` after a value of an enum got another label: the constants of enums in it, which have a cast."""
    before, now = ("'" + label.replace("'", "''") + "'" for label in (old.name, new.name))
    tokens = readable(text, rules.lexical_rules) if before in text else []
    places = (token for at, token in enumerate(tokens) if token.text == before and _text(tokens, at + 1) == "::")
    return _edited(text, [(token.start, token.end, now) for token in places])


def _plain(ref: Ref) -> str:
    return ref.name.partition("(")[0] if kinds.of(ref.kind).is_routine else ref.name


def _edited(text: str, edits: Iterator[Edit] | Sequence[Edit]) -> str:
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def _as_written(token: Token, name: str, rules: NameRules) -> str:
    """The name, quoted if the token is or the name needs it."""
    return rules.quoted(name) if token.text[:1] in rules.lexical_rules.identifier_quotes else rules.written(name)


def _words_before(tokens: Sequence[Token], at: int, count: int) -> list[str]:
    return [token.text.upper() for token in tokens[at - count : at]]


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text.upper() if 0 <= at < len(tokens) else ""


class _NamedPlaces:
    """The places at which tokens name one relation, type or routine."""

    def __init__(self, tokens: Sequence[Token], old: Ref, new: Ref, rules: NameRules) -> None:
        self.tokens, self.old, self.new, self.rules = tokens, old, new, rules
        self.name = _plain(old)

    def relation_edits(self, columns: Collection[str], aliases: bool) -> Iterator[Edit]:
        """Edits of all places but those that name a column or an alias of this name."""
        aliased = aliases and any(self._is_alias(at) for at in self._places())
        strict = aliased or self.name in columns
        for at in self._places():
            start = self._start(at)
            if start is None:
                continue
            before, behind = _text(self.tokens, start - 1), _text(self.tokens, at + 1)
            if behind == "(" and before not in _BEFORE_COLUMNS:
                continue
            if strict and (
                (aliases and self._is_alias(at)) or (before not in (*_BEFORE_RELATION, ",") and behind != ".")
            ):
                continue
            if behind == "." and aliased and start == at:
                continue
            yield self._edit(start, at)

    def routine_edits(self) -> Iterator[Edit]:
        """Edits of the places where arguments follow, and of those in the options of an aggregate."""
        for at in self._places():
            start = self._start(at)
            if start is not None and (_text(self.tokens, at + 1) == "(" or _text(self.tokens, start - 1) == "="):
                yield self._edit(start, at)

    def _is_alias(self, at: int) -> bool:
        """Whether this is a name that the text itself gives, behind AS or directly behind a relation."""
        if at == 0 or _text(self.tokens, at + 1) == ".":
            return False
        before = self.tokens[at - 1]
        if before.text == ")":
            return True
        is_name = before.text.lower() not in self.rules.reserved and before.text.upper() not in _BEFORE_RELATION
        return before.text.upper() == "AS" or (before.kind in NAMES and is_name)

    def _places(self) -> Iterator[int]:
        return (at for at, token in enumerate(self.tokens) if self.rules.same(token, self.name))

    def _start(self, at: int) -> int | None:
        """Where the name begins, with its schema; ``None`` if this is another object of the same name."""
        if _text(self.tokens, at - 1) != ".":
            qualifies = _text(self.tokens, at + 1) == "."
            return at if self.old.schema is None or qualifies else None
        schema = self.old.schema or self.rules.default_schema
        qualifier = self.tokens[at - 2] if at >= 2 else None
        return at - 2 if qualifier is not None and schema and self.rules.same(qualifier, schema) else None

    def _edit(self, start: int, at: int) -> Edit:
        token, name = self.tokens[at], _plain(self.new)
        written = _as_written(token, name, self.rules)
        if self.old.schema == self.new.schema or (start == at and _text(self.tokens, at + 1) == "."):
            return (token.start, token.end, written)  # a name before a column has no schema
        schema = self.new.schema or (self.rules.default_schema if start < at and self.old.schema is None else None)
        prefix = f"{self.rules.written(schema)}." if schema else ""
        return (self.tokens[start].start, token.end, prefix + written)


def _namespace_edits(tokens: Sequence[Token], old: Ref, new: Ref, rules: NameRules) -> Iterator[Edit]:
    for at, token in enumerate(tokens):
        if not rules.same(token, old.name) or _text(tokens, at - 1) == ".":
            continue
        if _text(tokens, at + 1) == "." or _text(tokens, at - 1) == "SCHEMA":
            yield (token.start, token.end, _as_written(token, new.name, rules))


# -- columns ------------------------------------------------------------------------------------------------------


def _column_edits(tokens: Sequence[Token], old: Ref, new: Ref, rules: NameRules, ground: str | None) -> Iterator[Edit]:
    """Edits of the places that name a column of the table; where it is an item of a list of columns to select, the result
    keeps its name (``NameRules.keeps_results``)."""
    table = fold_case(old.table or "")
    within = scopes(tokens, ground, rules)
    listing: list[bool] = [False]
    for at, token in enumerate(tokens):
        word = token.text.upper()
        if word in DEPTH:
            listing = [*listing, False] if DEPTH[word] > 0 else listing[:-1] or [False]
        elif word == "SELECT" or word in _LIST_ENDS:
            listing[-1] = word == "SELECT"
        if not rules.same(token, old.name) or _text(tokens, at + 1) in (".", "("):
            continue
        start, qualifier = _qualified(tokens, at, rules)
        if _text(tokens, start - 1) == "AS" or not within[at].refers_to(table, qualifier):
            continue
        written = _as_written(token, new.name, rules)
        bare = _text(tokens, start - 1) in _ITEM_BEGINS and _text(tokens, at + 1) in _ITEM_ENDS
        if rules.keeps_results and listing[-1] and bare:
            written += f" AS {rules.written(old.name)}"
        yield (token.start, token.end, written)


def _qualified(tokens: Sequence[Token], at: int, rules: NameRules) -> tuple[int, str | None]:
    """Where a column begins, and the name of its relation before it, folded."""
    if _text(tokens, at - 1) != "." or at < 2:
        return at, None
    start = at - 4 if _text(tokens, at - 3) == "." else at - 2
    return start, fold_case(unquoted(tokens[at - 2], rules.lexical_rules))
