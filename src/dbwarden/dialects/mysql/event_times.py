"""When an event runs for the last time.

The server disables an event after its last moment if it has ON COMPLETION PRESERVE, and drops any other; one that is created later
than that is disabled or dropped at once (notes 1544 and 1588).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dbwarden.core.dialect import Connection
from dbwarden.core.model import Definition, Schema
from dbwarden.core.tokens import readable
from dbwarden.errors import DatabaseError, Unsupported

from .words import LEXICAL_RULES

_BEHIND = ("ON", "ENABLE", "DISABLE", "COMMENT", "DO")
"""Words behind the schedule."""


def ensure_to_come(conn: Connection, schema: Schema) -> None:
    """Raise ``Unsupported`` for an event that the server would drop at once: each migration would create it again."""
    events = [item for item in schema.objects() if isinstance(item, Definition) and item.kind == "event"]
    for event in are_over(conn, [item for item in events if not _is_preserved(item.sql.text)]):
        raise Unsupported(
            feature=f"the schedule of event {event.name!r}",
            dialect="MySQL and MariaDB",
            reason="its last moment has passed, so that the server drops it as soon as it is created",
            hint="Remove the declaration, or write ON COMPLETION PRESERVE.",
        )


def are_over(conn: Connection, events: Iterable[Definition]) -> Sequence[Definition]:
    """Those of the events whose last moment has passed, by the clock and in the time zone of the session. At most one query."""
    last = [(event, moment) for event in events if (moment := _last_moment(event.sql.text)) is not None]
    if not last:
        return ()
    try:
        (row,) = conn.query(f"SELECT {', '.join(f'CAST({moment} AS DATETIME(6)) < NOW(6)' for _, moment in last)}")
    except DatabaseError:  # a schedule that the server refuses: the migration will report it
        return ()
    return [event for (event, _), passed in zip(last, row, strict=True) if passed]


def _schedule(text: str) -> Sequence[tuple[str, str]]:
    """The words of the head of CREATE EVENT, in upper case and as they are written."""
    words = [(token.text.upper(), token.text) for token in readable(text, LEXICAL_RULES)]
    end = next((at for at, (word, _) in enumerate(words) if word == "DO"), len(words))
    return words[:end]


def _is_preserved(text: str) -> bool:
    words = [word for word, _ in _schedule(text)]
    return any(words[at : at + 3] == ["ON", "COMPLETION", "PRESERVE"] for at in range(len(words)))


def _last_moment(text: str) -> str | None:
    """The expression of AT or ENDS."""
    words = _schedule(text)
    start = next((at for at, (word, _) in enumerate(words) if word in ("AT", "ENDS")), None)
    if start is None:
        return None
    end = next((at for at in range(start, len(words)) if words[at][0] in _BEHIND), len(words))
    return " ".join(written for _, written in words[start + 1 : end])
