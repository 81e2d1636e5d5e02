"""Which relations the parts of a text read or write, so that a column without a qualifier can be told from one of another table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .sqltext import Token, fold_case
from .tokens import DEPTH, NAMES, unquoted
from .types import NameRules

_BEGINS = frozenset(("SELECT", "INSERT", "DELETE", "MERGE"))
_BEFORE = frozenset(("FROM", "JOIN", "INTO", "UPDATE", "ONLY"))
_FROM_ENDS = frozenset(
    ("WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "SET", "VALUES", "ON", "USING", "SELECT", "WINDOW", "RETURNING")
)
_BEFORE_UPDATE = frozenset(("BEGIN", ";", "DO", "INSTEAD", "ALSO", "(", ")", "THEN", "ELSE", ""))
_NO_ALIAS = frozenset(
    "ON JOIN LEFT RIGHT FULL INNER CROSS NATURAL WHERE GROUP ORDER HAVING LIMIT UNION EXCEPT INTERSECT SET USING VALUES"
    " SELECT DO FOR EXECUTE WHEN BEFORE AFTER INSTEAD WITH OFFSET FETCH WINDOW TABLESAMPLE LATERAL AS TO RETURNING DEFAULT".split()
)


@dataclass(slots=True)
class StatementScope:
    """A SELECT, INSERT, UPDATE or DELETE, or the head of the text."""

    outer: StatementScope | None = None
    relations: dict[str, set[str]] = field(default_factory=dict)
    """Names of relations with the names by which the text refers to them, folded."""
    other: bool = False
    """Whether it also reads a query in parentheses."""

    def refers_to(self, table: str, qualifier: str | None) -> bool:
        """Whether a column is one of the table: by its qualifier, else because the innermost relations have the table."""
        scope: StatementScope | None = self
        while scope is not None:
            names = {name for aliases in scope.relations.values() for name in aliases}
            if qualifier is None and (scope.relations or scope.other):
                return table in scope.relations
            if qualifier is not None and qualifier in names:
                return qualifier in scope.relations.get(table, ())
            scope = scope.outer
        return False


def scopes(tokens: Sequence[Token], head: str | None, rules: NameRules) -> list[StatementScope]:
    """The scope of each token; ``head`` is the relation on which a trigger, policy or rule stands."""
    rows = {fold_case(head), "new", "old", "excluded"} if head is not None else set[str]()
    base = StatementScope(relations={fold_case(head): rows} if head is not None else {})
    current, stack, result, listing = base, list[tuple[StatementScope, bool]](), list[StatementScope](), False
    for at, token in enumerate(tokens):
        word = token.text.upper()
        if word in DEPTH and DEPTH[word] > 0:
            if listing and _text(tokens, at + 1) == "SELECT":
                current.other = True
            stack.append((current, listing))
            listing = False
        elif word in DEPTH:
            current, listing = stack.pop() if stack else (base, False)
        elif word in _BEGINS or (word == "UPDATE" and _text(tokens, at - 1) in _BEFORE_UPDATE):
            current = StatementScope(stack[-1][0] if stack else base)
        if word in _FROM_ENDS:
            listing = False
        result.append(current)
        if word == "FROM" or (
            word in _BEFORE and _text(tokens, at - 1) not in ("FOR", "BEFORE", "AFTER", "OF", "OR", "DO")
        ):
            listing = word != "INTO"
            _note(current, tokens, at + 1, rules)
        elif word == "," and listing:
            _note(current, tokens, at + 1, rules)
    return result


def _note(scope: StatementScope, tokens: Sequence[Token], at: int, rules: NameRules) -> None:
    """Add the relation that begins at a token, with its alias."""
    while _text(tokens, at) in ("ONLY", "LATERAL"):
        at += 1
    if at >= len(tokens) or tokens[at].kind not in NAMES:
        return
    while _text(tokens, at + 1) == "." and at + 2 < len(tokens):
        at += 2
    name = fold_case(unquoted(tokens[at], rules.lexical_rules))
    names = scope.relations.setdefault(name, set())
    behind = at + 2 if _text(tokens, at + 1) == "AS" else at + 1
    alias = tokens[behind] if behind < len(tokens) else None
    if alias is not None and alias.kind in NAMES and alias.text.upper() not in _NO_ALIAS:
        names.add(fold_case(unquoted(alias, rules.lexical_rules)))
    else:
        names.add(name)


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text.upper() if 0 <= at < len(tokens) else ""
