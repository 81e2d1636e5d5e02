"""Copying of a table into its new form, and the exchange of the two (``rebuild``).

*Copying* stops merges, so that rows that arrive meanwhile stay in parts of their own, and copies the parts that are there,
partition by partition. A partition is copied if its number of rows and the checksum over them are the same in both tables;
any other one is emptied and copied again. So an interrupted copy is repeated without loss or doubles. At the end the comment
of the new form gets the numbers of the last blocks that were copied.

*The exchange* copies the parts with later blocks, compares all partitions once more, copies what arrived during that,
exchanges the names, and copies the parts of inserts that had begun before.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

from dbwarden.core.ddl.parse import cursor_at
from dbwarden.core.dialect import INTERIM_PREFIX, Connection
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError, MutationFailed

from .statements import grammar
from .words import quote, string_literal

Report = Callable[[str], None]

MARK = "DBWarden: the new form of "
"""Beginning of the comment of a new form, by which it is told from the old table after the exchange."""
PASSES = 5
"""How often partitions that differ are copied again, because rows arrive meanwhile."""
QUIET = 0.5
"""Seconds without rows that arrive in the old table after which it counts as left."""
_ROUNDS = 20


class Summary(NamedTuple):
    """Number of rows of a partition, and checksum over them in any order."""

    rows: int
    checksum: int


class Part(NamedTuple):
    """An active part of a table: the blocks, numbered by their arrival, that it consists of."""

    name: str
    partition: str
    first: int
    last: int


@dataclass(frozen=True)
class TableCopy:
    """``INSERT INTO target (columns) SELECT values FROM source``, of which ``head`` and ``tail`` are the text around WHERE."""

    conn: Connection
    source: Ref
    target: Ref
    columns: tuple[str, ...]
    values: tuple[str, ...]
    head: str
    tail: str

    # -- the tables

    @cached_property
    def _engines(self) -> Mapping[str, str]:
        names = f"({string_literal(self.source.name)}, {string_literal(self.target.name)})"
        sql = f"SELECT name, engine FROM system.tables WHERE database = {_database(self.source)} AND name IN {names}"
        return {str(name): str(engine) for name, engine in self.conn.query(sql)}

    @property
    def engine(self) -> str:
        """Engine of the source."""
        return self._engines[self.source.name]

    @cached_property
    def has_parts(self) -> bool:
        """Whether the source keeps its rows in parts (the family of MergeTree)."""
        return self._engines[self.source.name].endswith("MergeTree")

    @cached_property
    def merges_rows(self) -> bool:
        """Whether merges of the target change rows, so that only unmerged parts can be compared."""
        return self._engines[self.target.name] not in ("MergeTree", "ReplicatedMergeTree", "SharedMergeTree")

    @cached_property
    def _types(self) -> Mapping[str, str]:
        sql = f"SELECT name, type FROM system.columns WHERE {_of(self.target)}"
        return {str(name): str(datatype) for name, datatype in self.conn.query(sql)}

    @cached_property
    def unit(self) -> str:
        """Expression for the partition of the source that has the same value in both tables; empty for one unit."""
        if not self.has_parts:
            return ""
        keyed = self.conn.query(
            f"SELECT name, type FROM system.columns WHERE {_of(self.source)} AND is_in_partition_key"
        )
        ((key,),) = self.conn.query(f"SELECT partition_key FROM system.tables WHERE {_of(self.source, 'name')}")
        same = all(self._types.get(str(name)) == datatype and str(name) in self.columns for name, datatype in keyed)
        return f"toString(tuple({key}))" if key and keyed and same else ""

    # -- comparing

    def summaries(self, parts: Iterable[str] | None = None) -> Mapping[str, Summary]:
        """The partitions of the source, or of some of its parts."""
        pairs = zip(self.values, (self._types[name] for name in self.columns), strict=True)
        values = (f"CAST({value}, {string_literal(datatype)})" for value, datatype in pairs)
        return self._summaries(self.source, values, _in_parts(parts))

    def copied(self) -> Mapping[str, Summary]:
        """The partitions of the source, as far as they are in the target."""
        return self._summaries(self.target, map(quote, self.columns), "")

    def _summaries(self, table: Ref, values: Iterable[str], where: str) -> Mapping[str, Summary]:
        unit = self.unit or "''"
        checksum = f"sum(cityHash64(tuple({', '.join(values)})))"
        sql = f"SELECT {unit} AS unit, count(), {checksum} FROM {_name(table)}{where} GROUP BY unit"
        return {str(name): Summary(int(rows), int(total)) for name, rows, total in self.conn.query(sql) if rows}

    def different(self, parts: Iterable[str] | None = None) -> list[str]:
        """The partitions that are not the same in both tables."""
        wanted, copied = self.summaries(parts), self.copied()
        return sorted(unit for unit in {*wanted, *copied} if wanted.get(unit) != copied.get(unit))

    # -- copying

    def copy(self, report: Report, parts: Sequence[str] | None = None) -> list[str]:
        """Copy the partitions that differ until none does, or rows arrive again and again; returns those that still do."""
        different = self.different(parts)
        for _ in range(PASSES):
            if not different:
                break
            if self.merges_rows or not self.unit:
                self.conn.execute(f"TRUNCATE TABLE {_name(self.target)}")
                different = sorted(self.summaries(parts))
            partitions = self._partitions()
            for number, unit in enumerate(different, 1):
                report(f"{self.source.name}: copying partition {number} of {len(different)}")
                self._copy_unit(unit, partitions.get(unit), parts)
            different = self.different(parts)
        return different

    def _partitions(self) -> Mapping[str, str]:
        """The server's names of the partitions of the source."""
        if not self.unit:
            return {}
        rows = self.conn.query(
            f"SELECT {self.unit} AS unit, any(_partition_id) FROM {_name(self.source)} GROUP BY unit"
        )
        return {str(unit): str(partition) for unit, partition in rows}

    def _copy_unit(self, unit: str, partition: str | None, parts: Sequence[str] | None) -> None:
        if self.unit and not self.merges_rows:
            ours = f"{self.unit} = {string_literal(unit)}"
            if self.conn.query(f"SELECT 1 FROM {_name(self.target)} WHERE {ours} LIMIT 1"):
                self.conn.execute(f"ALTER TABLE {_name(self.target)} DELETE WHERE {ours} SETTINGS mutations_sync = 2")
        conditions = [f"_partition_id = {string_literal(partition or '')}"] if self.unit else []
        if parts is not None:
            conditions.append(_part_condition(parts))
        self._insert(conditions)

    def _insert(self, conditions: Sequence[str]) -> None:
        where = f"\nWHERE {' AND '.join(conditions)}" if conditions else ""
        self.conn.execute(f"{self.head}{where}{self.tail}")

    # -- parts

    def parts(self, table: Ref) -> set[str]:
        """Names of the active parts of a table."""
        return {part.name for part in self.active_parts(table)}

    def active_parts(self, table: Ref) -> list[Part]:
        columns = "name, partition_id, min_block_number, max_block_number"
        rows = self.conn.query(f"SELECT {columns} FROM system.parts WHERE active AND {_of(table)}")
        return [Part(str(name), str(partition), int(first), int(last)) for name, partition, first, last in rows]

    def copy_parts(self, parts: Iterable[str]) -> None:
        """Copy all rows of some parts of the source."""
        self._insert([_part_condition(parts)])


def is_copy(sql: str) -> bool:
    """Whether a statement is the INSERT of a rebuild."""
    return _parsed(sql) is not None


def copy_of(conn: Connection, sql: str) -> TableCopy | None:
    """The copy that an INSERT of a rebuild makes; ``None`` for any other statement."""
    parsed = _parsed(sql)
    return TableCopy(conn, *parsed) if parsed is not None else None


_Parsed: TypeAlias = tuple[Ref, Ref, tuple[str, ...], tuple[str, ...], str, str]


def _parsed(sql: str) -> _Parsed | None:
    """Source, target, columns and values of the INSERT of a rebuild, and its text around WHERE."""
    at = cursor_at(sql, grammar())
    if not at.skip("INSERT", "INTO"):
        return None
    target = at.ref("table")
    columns = at.names()
    if not at.skip("SELECT"):
        return None
    values = tuple(item.source(item.all()) for item in at.items(at.until("FROM")))
    if not at.skip("FROM"):
        return None
    source = at.ref("table")
    if target.name != INTERIM_PREFIX + source.name or len(columns) != len(values) or at.word() not in ("", "SETTINGS"):
        return None
    rest = at.rest()
    tail = f"\n{at.source(rest)}" if rest else ""
    head = sql[: rest[0].start].rstrip() if rest else sql.rstrip()
    return source, target, columns, values, head, tail


def execute_copy(copy: TableCopy, sql: str, report: Report) -> None:
    """Copy the table. Rows that arrive meanwhile are left to the exchange, which finds the statement in the comment."""
    _comment(copy, sql, {})
    if not copy.has_parts:
        copy.copy(report)
        return
    _stop_merges(copy)
    try:
        parts = copy.active_parts(copy.source)
        copy.copy(report, sorted(part.name for part in parts))
    except BaseException:
        start_merges(copy.conn, copy.source)
        raise
    last: dict[str, int] = {}
    for part in parts:
        last[part.partition] = max(part.last, last.get(part.partition, part.last))
    _comment(copy, sql, last)


def _comment(copy: TableCopy, sql: str, blocks: Mapping[str, int]) -> None:
    """Comment of the new form: the statement that fills it, and the last blocks that it has copied, by partition."""
    comment = string_literal("\n".join((f"{MARK}{copy.source.name}", json.dumps(blocks), sql)))
    copy.conn.execute(f"ALTER TABLE {_name(copy.target)} MODIFY COMMENT {comment}")


def _stop_merges(copy: TableCopy) -> None:
    """Stop merges of the old table, and of the new form if they would change its rows."""
    for table in (copy.source, copy.target) if copy.merges_rows else (copy.source,):
        with suppress(DatabaseError):  # the right to do it may be missing: then merged parts are copied once more
            copy.conn.execute(f"SYSTEM STOP MERGES {_name(table)}")


# -- the exchange -----------------------------------------------------------------------------------------------------


def exchanged_table(sql: str) -> Ref | None:
    """The table of ``EXCHANGE TABLES t AND dbwarden_new_t``; ``None`` for any other statement."""
    at = cursor_at(sql, grammar())
    if not at.skip("EXCHANGE", "TABLES"):
        return None
    table = at.ref("table")
    other = at.ref("table") if at.skip("AND") else None
    return table if other == Ref("table", INTERIM_PREFIX + table.name, table.schema) else None


def copy_before(conn: Connection, table: Ref) -> tuple[TableCopy, Mapping[str, int]] | None:
    """The copy that filled the new form of a table, and the last blocks that it copied, from the comment; ``None`` if another
    program has filled it."""
    new = Ref("table", INTERIM_PREFIX + table.name, table.schema)
    rows = conn.query(f"SELECT comment FROM system.tables WHERE {_of(new, 'name')}")
    comment = str(rows[0][0]) if rows else ""
    _, _, rest = comment.partition("\n")
    blocks, _, sql = rest.partition("\n")
    copy = copy_of(conn, sql) if comment.startswith(MARK) and sql else None
    return (copy, json.loads(blocks)) if copy is not None else None


def has_been_exchanged(conn: Connection, table: Ref) -> bool | None:
    """Whether the new form has the name of the table, by its comment; ``None`` if neither table has the comment."""
    new = Ref("table", INTERIM_PREFIX + table.name, table.schema)
    marked = {
        str(row[0])
        for row in conn.query(
            f"SELECT name FROM system.tables WHERE database = {_database(table)} AND startsWith(comment, {string_literal(MARK)})"
        )
    }
    if (table.name in marked) == (new.name in marked):
        return None
    return table.name in marked


def start_merges(conn: Connection, table: Ref) -> None:
    """Start the merges of a table and of its other form again."""
    for name in (table.name, INTERIM_PREFIX + table.name):
        with suppress(DatabaseError):  # the right to do it may be missing, as when they were stopped
            conn.execute(f"SYSTEM START MERGES {_name(Ref('table', name, table.schema))}")


def execute_exchange(sql: str, copy: TableCopy, blocks: Mapping[str, int], report: Report) -> None:
    """Exchange the tables with all their rows. Raises ``MutationFailed`` if they are not the same."""
    conn = copy.conn
    if not copy.has_parts:
        _ensure_same(copy, copy.copy(report))
        conn.execute(sql)
        return
    _stop_merges(copy)
    try:
        parts = copy.active_parts(copy.source)
        known = {part.name for part in parts}
        arrived = {part.name for part in parts if blocks and part.first > blocks.get(part.partition, -1)}
        _copy_arrived(copy, arrived, report)
        _ensure_same(copy, copy.copy(report, sorted(known)))
        for _ in range(_ROUNDS):
            arrived = copy.parts(copy.source) - known
            if not arrived:
                break
            _copy_arrived(copy, arrived, report)
            known |= arrived
        conn.execute(sql)
        _copy_late_parts(copy, known, report)
    finally:
        start_merges(conn, copy.source)


def _copy_arrived(copy: TableCopy, parts: set[str], report: Report) -> None:
    if parts:
        report(f"{copy.source.name}: copying {len(parts)} parts that have arrived")
        copy.copy_parts(parts)


def _ensure_same(copy: TableCopy, different: Sequence[str]) -> None:
    if different:
        raise MutationFailed(
            f"The copy of {copy.source.name} differs from it in {len(different)} partitions, by rows and checksum",
            hint=f"Stop other changes of {copy.source.name}; the next run compares and copies again.",
        )


def _copy_late_parts(copy: TableCopy, known: set[str], report: Report) -> None:
    """Copy the parts of inserts that had begun before the exchange, until none arrives any more."""
    swapped = _after_exchange(copy)
    left = time.monotonic()
    while time.monotonic() - left < QUIET:
        late = swapped.parts(swapped.source) - known
        if late:
            report(f"{copy.source.name}: copying {len(late)} parts that arrived late")
            swapped.copy_parts(late)
            known |= late
            left = time.monotonic()
        time.sleep(QUIET / 5)


def _after_exchange(copy: TableCopy) -> TableCopy:
    """The copy in the same direction once the two tables have each other's names."""
    columns, values = ", ".join(map(quote, copy.columns)), ", ".join(copy.values)
    head = f"INSERT INTO {_name(copy.source)} ({columns})\nSELECT {values}\nFROM {_name(copy.target)}"
    return TableCopy(copy.conn, copy.target, copy.source, copy.columns, copy.values, head, copy.tail)


# -- names ------------------------------------------------------------------------------------------------------------


def _database(ref: Ref) -> str:
    return string_literal(ref.schema) if ref.schema else "currentDatabase()"


def _of(ref: Ref, column: str = "table") -> str:
    return f"database = {_database(ref)} AND {column} = {string_literal(ref.name)}"


def _name(ref: Ref) -> str:
    return f"{quote(ref.schema)}.{quote(ref.name)}" if ref.schema else quote(ref.name)


def _part_condition(parts: Iterable[str]) -> str:
    names = ", ".join(string_literal(part) for part in sorted(parts))
    return f"_part IN ({names})" if names else "false"


def _in_parts(parts: Iterable[str] | None) -> str:
    return "" if parts is None else f" WHERE {_part_condition(parts)}"
