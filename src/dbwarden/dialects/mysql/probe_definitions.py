"""Probing of CREATE FUNCTION, PROCEDURE, TRIGGER and EVENT: whether the object exists with the body of the statement.

Both servers keep a body as it was written, and SHOW CREATE prints it behind what they compose themselves. Views need no such
comparison where they are replaced, because that may run again; the catalogue has another text of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from dbwarden.core.sqltext import texts
from dbwarden.core.types import Ref

from .definer import behind_type
from .probe_catalog import Catalog, qualified
from .words import LEXICAL_RULES

KINDS = ("function", "procedure", "trigger", "event")
_SHOWN_IN = {"event": 3}
"""Column of SHOW CREATE that has the statement; 2 by default."""
_CHARACTERISTICS = {
    "COMMENT": 2, "LANGUAGE": 2, "DETERMINISTIC": 1, "NOT": 2, "CONTAINS": 2, "NO": 2, "READS": 3, "MODIFIES": 3, "SQL": 3,
}  # fmt: skip
"""Words with which the characteristics of a routine begin, and how many words each has."""


def has_same_body(kind: str, ref: Ref, sql: str, catalog: Catalog) -> bool | None:
    """Whether an existing object has the body of a CREATE statement: true also if this account may not read it, ``None`` if it has
    another one, so that somebody else has created it."""
    rows = catalog.conn.query(f"SHOW CREATE {kind.upper()} {qualified(ref)}")
    shown = rows[0][_SHOWN_IN.get(kind, 2)] if rows else None
    if shown is None:
        return True
    text = shown.decode() if isinstance(shown, bytes) else str(shown)
    return True if _body(kind, texts(text, LEXICAL_RULES)) == _body(kind, texts(sql, LEXICAL_RULES)) else None


def _body(kind: str, words: Sequence[str]) -> Sequence[str]:
    upper = [word.upper() for word in words]
    if kind == "trigger":
        start = upper.index("ROW", upper.index("EACH")) + 1
        return words[start + 2 :] if upper[start : start + 1] in (["FOLLOWS"], ["PRECEDES"]) else words[start:]
    if kind == "event":
        return words[upper.index("DO", upper.index("SCHEDULE")) + 1 :]
    at = behind_type(upper)
    while upper[at : at + 1] and upper[at] in _CHARACTERISTICS:
        at += _CHARACTERISTICS[upper[at]]
    return words[at:]
