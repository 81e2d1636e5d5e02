"""Characteristics of routines that ALTER PROCEDURE and ALTER FUNCTION change, where MySQL cannot replace the routine.

They are its comment, how it uses data and on whose behalf it works; not DETERMINISTIC, the parameters and the body
(https://dev.mysql.com/doc/refman/en/alter-procedure.html).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dbwarden.core.model import Definition
from dbwarden.core.sqltext import fold_case
from dbwarden.core.tokens import literal as value_of
from dbwarden.core.tokens import readable

from .definer import behind_type
from .renderer import MySQLRenderer
from .words import LEXICAL_RULES

_CLAUSES: dict[tuple[str, ...], str] = {
    ("SQL", "SECURITY", "DEFINER"): "security",
    ("SQL", "SECURITY", "INVOKER"): "security",
    ("READS", "SQL", "DATA"): "access",
    ("MODIFIES", "SQL", "DATA"): "access",
    ("CONTAINS", "SQL"): "access",
    ("NO", "SQL"): "access",
    ("LANGUAGE", "SQL"): "language",
    ("NOT", "DETERMINISTIC"): "deterministic",
    ("DETERMINISTIC",): "deterministic",
}
_ALTERED = {"access": "CONTAINS SQL", "security": "SQL SECURITY DEFINER", "comment": ""}
"""The characteristics that ALTER changes, with what they are where CREATE does not name them."""


@dataclass(frozen=True, slots=True)
class RoutineText:
    """A CREATE statement: its words without the characteristics, and these."""

    others: tuple[str, ...]
    characteristics: dict[str, str] = field(default_factory=dict)


def alter(before: Definition, after: Definition, render: MySQLRenderer) -> str | None:
    """The ALTER statement that makes ``after`` of ``before``; ``None`` if more differs than it changes."""
    if after.kind not in ("function", "procedure"):
        return None
    old, new = _read(before.sql.key), _read(after.sql.key)
    if old.others != new.others or old.characteristics["deterministic"] != new.characteristics["deterministic"]:
        return None
    former, wanted = _read(before.sql.text).characteristics, _read(after.sql.text).characteristics
    if former["comment"] and not wanted["comment"]:
        return None  # MySQL 9.7 ignores an empty comment in ALTER
    clauses = [
        f"COMMENT {render.literal(wanted[name])}" if name == "comment" else wanted[name]
        for name in _ALTERED
        if former[name] != wanted[name]
    ]
    return f"ALTER {after.kind.upper()} {render.of(after.ref)} {' '.join(clauses)}" if clauses else None


def _read(text: str) -> RoutineText:
    tokens = readable(text, LEXICAL_RULES)
    words = [token.text.upper() for token in tokens]
    at = start = behind_type(words)
    characteristics = {**_ALTERED, "deterministic": ""}
    while at < len(words):
        if words[at] == "COMMENT":
            characteristics["comment"] = value_of(tokens[at + 1])
            at += 2
        elif clause := _clause(words[at : at + 3]):
            characteristics[_CLAUSES[clause]] = " ".join(clause).removeprefix("NOT DETERMINISTIC")
            at += len(clause)
        else:
            break
    others = (*(fold_case(token.text) for token in tokens[:start]), *(token.text for token in tokens[at:]))
    return RoutineText(others, characteristics)


def _clause(words: Sequence[str]) -> tuple[str, ...] | None:
    return next((clause for clause in _CLAUSES if tuple(words[: len(clause)]) == clause), None)
