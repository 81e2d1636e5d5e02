"""The rows on which a statement failed, in words: those that the preflight would have found, asked for after the failure."""

from __future__ import annotations

from contextlib import suppress

from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.pending_demands import PendingDemands, PendingFile
from dbwarden.core.row_limits import AFTER_FAILURE
from dbwarden.core.row_text import describe_rows
from dbwarden.errors import DatabaseError

from .connection import DatabaseConnection
from .offending_rows import judge_demands


def describe_offending_rows(conn: DatabaseConnection, dialect: Dialect, file: PendingFile, number: int) -> list[str]:
    """Lines on the rows that do not meet the demands of statement ``number`` of a file.

    Statements that an error has rolled back count as pending: if one of them changes these rows, they are not judged. Empty if
    nothing is known, or the database does not answer.
    """
    with suppress(DatabaseError):
        schema = dialect.inspect(conn, Scope(definitions=False))
        demands = PendingDemands(dialect, schema).read_file(file)
        failed = [demand for demand in demands if demand.statement == number]
        if failed:
            judged = list(judge_demands(conn, dialect, failed, (schema, dialect.sizes(conn)), AFTER_FAILURE))
            return [
                line
                for item in judged
                if item.rows is not None
                for line in describe_rows(item.placed.demand, item.rows)
            ]
    return []
