"""The rules of a TTL: what each does with rows that are too old.

``at + INTERVAL 1 DAY, at + INTERVAL 7 DAY TO DISK 'cold', at + INTERVAL 1 YEAR GROUP BY id SET n = sum(n)``: the keys behind
GROUP BY and the assignments behind SET contain commas themselves. Measured on 26.9: the keys end at SET, and the assignments
before the first item that assigns nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from dbwarden.core.tokens import readable

from .expressions import split
from .words import LEXICAL_RULES


class TTLAction(Enum):
    """What a rule does with old rows, or with old values of a column."""

    DELETE = "delete"
    GROUP = "group"
    """Joins the rows of a key into one: the key stays, and what is computed from the others."""
    MOVE = "move"
    RECOMPRESS = "recompress"


@dataclass(frozen=True, slots=True)
class TTLRule:
    """One rule: its time, and the text behind it (``WHERE id > 3``), empty for a rule that deletes all old rows."""

    time: str
    action: TTLAction
    tail: str = ""

    @property
    def group_key(self) -> str:
        """The keys behind GROUP BY: ``id, day``."""
        if self.action is not TTLAction.GROUP:
            return ""
        tokens = readable(self.tail, LEXICAL_RULES)
        end = next((token.start for token in tokens if token.text.upper() == "SET"), len(self.tail))
        return self.tail[tokens[1].end : end].strip()


_ACTIONS = {
    "TO": TTLAction.MOVE,
    "GROUP": TTLAction.GROUP,
    "RECOMPRESS": TTLAction.RECOMPRESS,
    "DELETE": TTLAction.DELETE,
    "WHERE": TTLAction.DELETE,
}
"""Words behind the time of a rule."""


@lru_cache(maxsize=1024)
def rules_of(ttl: str) -> tuple[TTLRule, ...]:
    """The rules of a TTL in their order."""
    return tuple(map(_rule, _texts(ttl)))


def deletes(ttl: str) -> bool:
    """Whether a TTL deletes rows or values."""
    return any(rule.action is TTLAction.DELETE for rule in rules_of(ttl))


def _texts(ttl: str) -> Iterator[str]:
    """The texts of the rules."""
    open_rule, assigns = "", False
    for item in split(ttl):
        words = [token.text.upper() for token in readable(item, LEXICAL_RULES)]
        in_keys = "GROUP" in _words(open_rule) and not assigns
        if open_rule and (in_keys or (assigns and words[1:2] == ["="])):
            open_rule = f"{open_rule}, {item}"
        else:
            if open_rule:
                yield open_rule
            open_rule, assigns = item, False
        assigns = assigns or ("GROUP" in _words(open_rule) and "SET" in words)
    if open_rule:
        yield open_rule


def _words(text: str) -> frozenset[str]:
    return frozenset(token.text.upper() for token in readable(text, LEXICAL_RULES))


def _rule(text: str) -> TTLRule:
    tokens = readable(text, LEXICAL_RULES)
    word = next((token for token in tokens if token.text.upper() in _ACTIONS), None)
    if word is None:
        return TTLRule(text.strip(), TTLAction.DELETE)
    action, tail = _ACTIONS[word.text.upper()], text[word.start :].strip()
    if word.text.upper() == "DELETE":
        tail = text[word.end :].strip()
    return TTLRule(text[: word.start].strip(), action, tail)
