"""State of a rebuild, kept by the server in the comment of the new form: ``MARK`` and the table, a line of JSON, the INSERT.

By the comment the new form is told from the old table after the exchange, and the next run knows what a killed one has done: the
blocks that are copied, and whether it has stopped the merges. Nothing else shows the latter: they stay stopped until somebody
starts them, or the server starts anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace

from dbwarden.core.dialect import INTERIM_PREFIX, Connection, SuspendedWork
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError, Failure

from .blocks import Blocks
from .words import quote, string_literal

MARK = "DBWarden: the new form of "
"""Beginning of the comment."""


@dataclass(frozen=True, slots=True)
class RebuildState:
    """What a later run has to know about the rebuild of a table."""

    table: Ref
    insert: str
    """The statement that fills the new form."""
    blocks: Blocks = field(default_factory=dict)
    """Blocks of the old table that are copied."""
    late: Blocks | None = None
    """Blocks whose rows are in the table for late rows, or have been moved from there into the new form."""
    stopped: int = 0
    """When the merges were stopped, in seconds since 1970 by the server's clock; 0 if they go on."""

    def comment(self) -> str:
        """The state as text."""
        values = {"blocks": self.blocks, "late": self.late, "stopped": self.stopped}
        shown = {name: value for name, value in values.items() if value}
        return "\n".join((f"{MARK}{self.table.name}", json.dumps(shown), self.insert))

    def save(self, conn: Connection, new_form: Ref) -> None:
        """Write the state into the comment of the new form, whatever name it has by now."""
        conn.execute(f"ALTER TABLE {qualified(new_form)} MODIFY COMMENT {string_literal(self.comment())}")


def parse(comment: str, schema: str | None) -> RebuildState | None:
    """The state in a comment; ``None`` for another comment, and for the one that a new form is created with."""
    first, _, rest = comment.partition("\n")
    values, _, insert = rest.partition("\n")
    if not comment.startswith(MARK) or not insert:
        return None
    state = RebuildState(Ref("table", first.removeprefix(MARK), schema), insert)
    return replace(state, **json.loads(values))


def read(conn: Connection, new_form: Ref) -> RebuildState | None:
    """The state in the comment of a table."""
    rows = conn.query(f"SELECT comment FROM system.tables WHERE {where_is(new_form, 'name')}")
    return parse(str(rows[0][0]), new_form.schema) if rows else None


def interim(table: Ref) -> Ref:
    """The new form of a table, before the exchange; the old table, after it."""
    return table._replace(name=INTERIM_PREFIX + table.name)


def has_been_exchanged(conn: Connection, table: Ref) -> bool | None:
    """Whether the new form has the name of the table, by its comment; ``None`` if neither table has the comment."""
    names = f"({string_literal(table.name)}, {string_literal(interim(table).name)})"
    where = f"database = {database_of(table)} AND name IN {names} AND startsWith(comment, {string_literal(MARK)})"
    marked = [str(row[0]) for row in conn.query(f"SELECT name FROM system.tables WHERE {where}")]
    return marked[0] == table.name if len(marked) == 1 else None


# -- merges -----------------------------------------------------------------------------------------------------------


def stop_merges(conn: Connection, state: RebuildState, new_form: Ref, *, both: bool) -> RebuildState:
    """Stop merges of the old table, and with ``both`` of the new form; the state says so before they stop.

    Raises ``PermissionDenied`` without the right to do it: rows that arrive would not be told from those that are copied.
    """
    ((now,),) = conn.query("SELECT toUnixTimestamp(now())")
    state = replace(state, stopped=int(now))
    state.save(conn, new_form)
    with ExitStack() as failed:
        failed.callback(start_merges, conn, state, new_form)
        for table in (state.table, interim(state.table)) if both else (state.table,):
            conn.execute(f"SYSTEM STOP MERGES {qualified(table)}")
        failed.pop_all()
    return state


def start_merges(conn: Connection, state: RebuildState, new_form: Ref) -> None:
    """Start the merges of a table and of its other form again."""
    with suppress(
        DatabaseError
    ):  # the connection may be lost, or one of the tables dropped; the state says what is stopped
        for sql in _starting(state, new_form, True):
            conn.execute(sql)


def _starting(state: RebuildState, new_form: Ref, both: bool) -> Sequence[str]:
    """Statements that start merges. Without ``both``, the old table of an exchange is left out: nobody inserts into it any
    more, and a merge would hide what has arrived late."""
    tables = (state.table, interim(state.table)) if both else (state.table,)
    saved = f"ALTER TABLE {qualified(new_form)} MODIFY COMMENT {string_literal(replace(state, stopped=0).comment())}"
    return (*(f"SYSTEM START MERGES {qualified(table)}" for table in tables), saved)


def suspended_merges(conn: Connection) -> Sequence[SuspendedWork]:
    """The merges that rebuilds have stopped in this database since the server started (``Dialect.suspended_work``)."""
    sql = (
        "SELECT name, comment, toUnixTimestamp(now()) - uptime() FROM system.tables"
        f" WHERE database = currentDatabase() AND startsWith(comment, {string_literal(MARK)}) ORDER BY name"
    )
    try:
        rows = conn.query(sql)
    except DatabaseError as error:
        if error.failure is not Failure.MISSING_COLUMN:
            raise
        return ()  # a server before 21.6, which has no comments of tables, and so no rebuilds
    states = [(Ref("table", str(name)), parse(str(comment), None), int(started)) for name, comment, started in rows]
    return [
        SuspendedWork(f"merges of {state.table.name}", tuple(_starting(state, form, form != state.table)))
        for form, state, started in states
        if state is not None and state.stopped >= max(started - 1, 1)
    ]


# -- names ------------------------------------------------------------------------------------------------------------


def database_of(ref: Ref) -> str:
    """Expression for the database of a table."""
    return string_literal(ref.schema) if ref.schema else "currentDatabase()"


def where_is(ref: Ref, column: str = "table") -> str:
    """Condition of a system table for the rows of a table."""
    return f"database = {database_of(ref)} AND {column} = {string_literal(ref.name)}"


def qualified(ref: Ref) -> str:
    """The quoted name of a table."""
    return f"{quote(ref.schema)}.{quote(ref.name)}" if ref.schema else quote(ref.name)
