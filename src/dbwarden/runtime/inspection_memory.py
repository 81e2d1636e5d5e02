"""Inspections of one database, remembered with the rows of the catalogue that they read.

A file that is tried out leads to each of its schemas twice: up, back, up again. Where the catalogue answers every query of an
earlier inspection as before, the schema is that of then; what is read from so many rows need not be read again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from dbwarden.core.dialect import Connection, Scope, ServerDialect
from dbwarden.core.model import Schema

_Answer: TypeAlias = tuple[str, Mapping[str, Any] | None, Sequence[tuple[Any, ...]]]
"""A query, its parameters and its rows."""


@dataclass(frozen=True, slots=True)
class _Inspection:
    scope: Scope
    answers: tuple[_Answer, ...]
    schema: Schema


class _RecordingConnection:
    """A connection that records its queries; ``ahead`` are answers that the inspection need not ask for again.

    An inspection that uses anything else of a connection depends on more than its queries.
    """

    def __init__(self, conn: Connection, ahead: Sequence[_Answer]) -> None:
        self._conn, self._ahead = conn, list(ahead)
        self.answers: list[_Answer] = []
        self.depends_on_more = False

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        answer = next((one for one in self._ahead if one[:2] == (sql, params)), None)
        if answer is None:
            answer = (sql, params, self._conn.query(sql, params))
        else:
            self._ahead.remove(answer)
        self.answers.append(answer)
        return answer[2]

    def __getattr__(self, name: str) -> Any:
        self.depends_on_more = True
        return getattr(self._conn, name)


class InspectionMemory:
    """The inspections of one database."""

    def __init__(self) -> None:
        self._inspections: list[_Inspection] = []

    def inspect(self, conn: Connection, dialect: ServerDialect, scope: Scope) -> Schema:
        """The schema as ``dialect.inspect`` reads it."""
        answers: list[_Answer] = []
        for earlier in reversed(self._inspections):
            if earlier.scope == scope and _answers_alike(conn, earlier, answers):
                return earlier.schema
        recording = _RecordingConnection(conn, answers)
        schema = dialect.inspect(cast(Connection, recording), scope)
        if not recording.depends_on_more:
            self._inspections.append(_Inspection(scope, tuple(recording.answers), schema))
        return schema


def _answers_alike(conn: Connection, earlier: _Inspection, answers: list[_Answer]) -> bool:
    """Whether the database answers the queries of an earlier inspection as it did then; what it is asked joins ``answers``,
    which are asked once only."""
    for at, (sql, params, rows) in enumerate(earlier.answers):
        if at == len(answers):
            answers.append((sql, params, conn.query(sql, params)))
        if answers[at] != (sql, params, rows):
            return False
    return True
