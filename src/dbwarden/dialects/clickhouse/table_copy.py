"""Copying of a table into its new form (``rebuild``), partition by partition.

A partition is copied if its number of rows and the checksum over them are the same in both tables; any other one is emptied and
copied again. So an interrupted copy is repeated without loss or doubles. Merges are stopped meanwhile, so that rows that arrive
stay in parts of their own: ``table_exchange`` copies these, exchanges the two tables, and starts the merges again. What it has to
know is in the comment of the new form (``rebuild_state``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, TypeAlias

from dbwarden.core.ddl.parse import cursor_at
from dbwarden.core.dialect import INTERIM_PREFIX, Connection
from dbwarden.core.types import Ref

from .blocks import Part, blocks_of
from .rebuild_state import RebuildState, database_of, qualified, start_merges, stop_merges, where_is
from .statements import grammar
from .words import quote, string_literal

Report = Callable[[str], None]

PASSES = 5
"""How often partitions that differ are copied again, because rows arrive meanwhile."""


class Summary(NamedTuple):
    """Number of rows of a partition, and checksum over them in any order."""

    rows: int
    checksum: int


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
        sql = f"SELECT name, engine FROM system.tables WHERE database = {database_of(self.source)} AND name IN {names}"
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
        """Whether merges of the target change rows, by its engine or a TTL, so that only unmerged parts can be compared."""
        plain = self._engines[self.target.name] in ("MergeTree", "ReplicatedMergeTree", "SharedMergeTree")
        return not plain or self._has_ttl

    @cached_property
    def _has_ttl(self) -> bool:
        """Whether the target or a column of it has a TTL; a text with that word in its definition counts as one too."""
        sql = (
            f"SELECT position(create_table_query, ' TTL ') > 0 FROM system.tables WHERE {where_is(self.target, 'name')}"
        )
        return bool(self.conn.query(sql)[0][0])

    @cached_property
    def _types(self) -> Mapping[str, str]:
        sql = f"SELECT name, type FROM system.columns WHERE {where_is(self.target)}"
        return {str(name): str(datatype) for name, datatype in self.conn.query(sql)}

    @cached_property
    def unit(self) -> str:
        """Expression for the partition of the source that has the same value in both tables; empty for one unit."""
        if not self.has_parts:
            return ""
        keyed = self.conn.query(
            f"SELECT name, type FROM system.columns WHERE {where_is(self.source)} AND is_in_partition_key"
        )
        ((key,),) = self.conn.query(f"SELECT partition_key FROM system.tables WHERE {where_is(self.source, 'name')}")
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
        sql = f"SELECT {unit} AS unit, count(), {checksum} FROM {qualified(table)}{where} GROUP BY unit"
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
                self.conn.execute(f"TRUNCATE TABLE {qualified(self.target)}")
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
            f"SELECT {self.unit} AS unit, any(_partition_id) FROM {qualified(self.source)} GROUP BY unit"
        )
        return {str(unit): str(partition) for unit, partition in rows}

    def _copy_unit(self, unit: str, partition: str | None, parts: Sequence[str] | None) -> None:
        if self.unit and not self.merges_rows:
            ours = f"{self.unit} = {string_literal(unit)}"
            if self.conn.query(f"SELECT 1 FROM {qualified(self.target)} WHERE {ours} LIMIT 1"):
                self.conn.execute(
                    f"ALTER TABLE {qualified(self.target)} DELETE WHERE {ours} SETTINGS mutations_sync = 2"
                )
        conditions = [f"_partition_id = {string_literal(partition or '')}"] if self.unit else []
        if parts is not None:
            conditions.append(_part_condition(parts))
        self._insert(conditions)

    def _insert(self, conditions: Sequence[str]) -> None:
        where = f"\nWHERE {' AND '.join(conditions)}" if conditions else ""
        self.conn.execute(f"{self.head}{where}{self.tail}")

    # -- parts

    def active_parts(self, table: Ref) -> list[Part]:
        columns = "name, partition_id, min_block_number, max_block_number"
        rows = self.conn.query(f"SELECT {columns} FROM system.parts WHERE active AND {where_is(table)}")
        return [Part(str(name), str(partition), int(first), int(last)) for name, partition, first, last in rows]

    def copy_parts(self, parts: Iterable[Part]) -> None:
        """Copy all rows of some parts of the source."""
        self._insert([_part_condition(part.name for part in parts)])


def is_copy(sql: str) -> bool:
    """Whether a statement is the INSERT of a rebuild."""
    return _parsed(sql) is not None


def copy_target(sql: str) -> Ref | None:
    """The table that the INSERT of a rebuild fills; ``None`` for any other statement."""
    parsed = _parsed(sql)
    return parsed[1] if parsed is not None else None


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
    state = RebuildState(copy.source, sql)
    if not copy.has_parts:
        state.save(copy.conn, copy.target)
        copy.copy(report)
        return
    state = stop_merges(copy.conn, state, copy.target, both=copy.merges_rows)
    with ExitStack() as undo:
        undo.callback(start_merges, copy.conn, state, copy.target)
        parts = copy.active_parts(copy.source)
        copy.copy(report, sorted(part.name for part in parts))
        undo.pop_all()
    replace(state, blocks=blocks_of(parts)).save(copy.conn, copy.target)


def _part_condition(parts: Iterable[str]) -> str:
    names = ", ".join(string_literal(part) for part in sorted(parts))
    return f"_part IN ({names})" if names else "false"


def _in_parts(parts: Iterable[str] | None) -> str:
    return "" if parts is None else f" WHERE {_part_condition(parts)}"
