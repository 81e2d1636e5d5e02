"""Exchange of a table with its new form, with all rows that have arrived (``rebuild``).

1. Merges are stopped. Parts with blocks that the copy has not seen are copied, and all partitions compared once more.
2. Parts that have arrived during that are copied until none is left. The comment gets the blocks.
3. The names are exchanged, which is atomic. Inserts that had begun before still write into the old table.
4. Their rows, the late ones, come into the new form exactly once: they are copied into a table of their own, the comment says so,
   and MOVE PARTITION puts them into the new form, which is atomic. A killed run is continued at each of these steps.
5. Merges start again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dbwarden.core.ddl.parse import cursor_at
from dbwarden.core.dialect import OWN_PREFIX, Connection
from dbwarden.core.types import Ref
from dbwarden.errors import MutationFailed

from .blocks import Blocks, Part, blocks_of, has_arrived, is_mixed
from .rebuild_state import RebuildState, interim, qualified, read, start_merges, stop_merges, where_is
from .statements import grammar
from .table_copy import Report, TableCopy, copy_of, copy_target
from .words import quote, string_literal

QUIET = 0.5
"""Seconds without rows that arrive in the old table after which it counts as left, if no insert is known that goes on."""
LATE_PREFIX = f"{OWN_PREFIX}late_"
"""Prefix of the table for the rows that arrive late."""
_ROUNDS = 20


def exchanged_table(sql: str) -> Ref | None:
    """The table of ``EXCHANGE TABLES t AND dbwarden_new_t``; ``None`` for any other statement."""
    at = cursor_at(sql, grammar())
    if not at.skip("EXCHANGE", "TABLES"):
        return None
    table = at.ref("table")
    other = at.ref("table") if at.skip("AND") else None
    return table if other == interim(table) else None


def rebuilt_form(sql: str) -> Ref | None:
    """The interim table of a rebuild that a statement fills or exchanges; ``None`` for any other statement."""
    target, exchanged = copy_target(sql), exchanged_table(sql)
    return target if exchanged is None else interim(exchanged)


@dataclass(slots=True)
class Exchange:
    """An exchange under way."""

    conn: Connection
    state: RebuildState
    copy: TableCopy
    report: Report
    began: float = field(default_factory=time.monotonic)
    """When the names were exchanged, or when an earlier run's work was taken up."""

    @classmethod
    def of(cls, conn: Connection, form: Ref, report: Report) -> Exchange | None:
        """The exchange of a table whose new form is ``form`` at present; ``None`` if another program has filled it."""
        state = read(conn, form)
        copy = copy_of(conn, state.insert) if state is not None else None
        return cls(conn, state, copy, report) if state is not None and copy is not None else None

    def run(self, sql: str) -> None:
        """Exchange the tables with all their rows. Raises ``MutationFailed`` if they are not the same."""
        copy = self.copy
        if not copy.has_parts:
            self._ensure_same(copy.copy(self.report))
            self.conn.execute(sql)
            return
        form = copy.target
        self.state = stop_merges(self.conn, self.state, form, both=copy.merges_rows)
        try:
            self._save(form, blocks=self._catch_up())
            self.conn.execute(sql)
            form, self.began = copy.source, time.monotonic()
            self._copy_late_rows()
        finally:
            start_merges(self.conn, self.state, form)

    def finish(self) -> None:
        """Do what is left after the names have been exchanged."""
        try:
            if self.state.blocks:
                self._copy_late_rows()
        finally:
            start_merges(self.conn, self.state, self.copy.source)

    def _save(self, form: Ref, **changes: Blocks | None) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]
        self.state.save(self.conn, form)

    # -- before the exchange

    def _catch_up(self) -> Blocks:
        """Copy what has arrived since the copy, and compare; returns the blocks that are copied."""
        copy, known = self.copy, self.state.blocks
        for _ in range(_ROUNDS):
            parts = copy.active_parts(copy.source)
            self._copy_arrived([part for part in parts if known and has_arrived(part, known)])
            self._ensure_same(copy.copy(self.report, sorted(part.name for part in parts)))
            known = blocks_of(parts, known)
            if self._are_active(parts):
                break
        else:
            raise self._unsteady()
        for _ in range(_ROUNDS):
            arrived = [part for part in copy.active_parts(copy.source) if has_arrived(part, known)]
            if not arrived:
                break
            self._copy_arrived(arrived)
            if not self._are_active(arrived):
                raise self._unsteady()
            known = blocks_of(arrived, known)
        return known

    def _are_active(self, parts: Sequence[Part]) -> bool:
        """Whether no part has been replaced by a mutation, or dropped, since it was listed: its rows are read then."""
        return set(parts) <= set(self.copy.active_parts(self.copy.source))

    def _unsteady(self) -> MutationFailed:
        return MutationFailed(
            f"The parts of {self.copy.source.name} change while they are copied",
            hint=f"Stop mutations of {self.copy.source.name}; the next run compares and copies again.",
        )

    def _copy_arrived(self, parts: Sequence[Part]) -> None:
        if parts:
            self.report(f"{self.copy.source.name}: copying {len(parts)} parts that have arrived")
            self.copy.copy_parts(parts)

    def _ensure_same(self, different: Sequence[str]) -> None:
        if different:
            name = self.copy.source.name
            raise MutationFailed(
                f"The copy of {name} differs from it in {len(different)} partitions, by rows and checksum",
                hint=f"Stop other changes of {name}; the next run compares and copies again.",
            )

    # -- after the exchange

    @property
    def _late_table(self) -> Ref:
        return self.copy.source._replace(name=LATE_PREFIX + self.copy.source.name)

    def _copy_late_rows(self) -> None:
        """Copy the parts of inserts that had begun before the exchange, until none goes on."""
        if self.state.late is not None:
            self._move_late_rows()
        left = time.monotonic()
        while time.monotonic() - left < QUIET:
            parts = self.copy.active_parts(self.copy.target)
            self._ensure_unmixed(parts)
            late = [part for part in parts if has_arrived(part, self.state.blocks)]
            if late:
                self.report(f"{self.copy.source.name}: copying {len(late)} parts that arrived late")
                self._copy_aside(late)
                self._move_late_rows()
            if late or self._inserts_go_on():
                left = time.monotonic()
            time.sleep(QUIET / 5)
        self.conn.execute(f"DROP TABLE IF EXISTS {qualified(self._late_table)} SYNC")

    def _ensure_unmixed(self, parts: Sequence[Part]) -> None:
        mixed = next((part for part in parts if is_mixed(part, self.state.blocks)), None)
        if mixed is not None:
            old, new = qualified(self.copy.target), qualified(self.copy.source)
            raise MutationFailed(
                f"The part {mixed.name} of {old} has rows that arrived late together with copied ones",
                hint=f"The merges of {old} were started too early. Insert its rows that {new} lacks, then"
                f" `ALTER TABLE {new} MODIFY COMMENT ''`, and run the same command with `--assume done`.",
            )

    def _copy_aside(self, parts: Sequence[Part]) -> None:
        """Copy late parts into a table of their own, which is like the new form."""
        late = self._late_table
        self.conn.execute(f"CREATE TABLE IF NOT EXISTS {qualified(late)} AS {qualified(self.copy.source)}")
        self.conn.execute(f"TRUNCATE TABLE {qualified(late)}")
        _redirected(self.copy, self.copy.target, late).copy_parts(parts)
        self._save(self.copy.source, late=blocks_of(parts))

    def _move_late_rows(self) -> None:
        """Move the rows of the table for late rows into the new form. What an earlier run has moved is gone from there."""
        late, known = self._late_table, {**self.state.blocks}
        where = f"active AND rows > 0 AND {where_is(late)}"
        for (partition,) in self.conn.query(f"SELECT DISTINCT partition_id FROM system.parts WHERE {where}"):
            moved = f"MOVE PARTITION ID {string_literal(str(partition))} TO TABLE {qualified(self.copy.source)}"
            self.conn.execute(f"ALTER TABLE {qualified(late)} {moved}")
        for partition, ranges in (self.state.late or {}).items():
            known = {**blocks_of([Part("", partition, first, last) for first, last in ranges], known)}
        self._save(self.copy.source, blocks=known, late=None)

    def _inserts_go_on(self) -> bool:
        """Whether an insert that names the table, and had begun before the exchange, still runs: it writes into the old table."""
        name, since = string_literal(self.copy.source.name), time.monotonic() - self.began
        inserts = (
            f"query_kind IN ('Insert', 'AsyncInsertFlush') AND elapsed > {since:.3f} AND position(query, {name}) > 0"
        )
        running = self.conn.query(f"SELECT query_id FROM system.processes WHERE {inserts} LIMIT 1")
        if running:
            self.report(
                f"{self.copy.source.name}: waiting for the insert {running[0][0]}, which began before the exchange"
            )
        return bool(running)


def _redirected(copy: TableCopy, source: Ref, target: Ref) -> TableCopy:
    """The same copy between other tables."""
    columns, values = ", ".join(map(quote, copy.columns)), ", ".join(copy.values)
    head = f"INSERT INTO {qualified(target)} ({columns})\nSELECT {values}\nFROM {qualified(source)}"
    return TableCopy(copy.conn, source, target, copy.columns, copy.values, head, copy.tail)
