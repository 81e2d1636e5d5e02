"""Preflight: rows that pending files would stumble over, before anything is locked, saved or changed.

1. The statements of the files are read. Without a demand on rows that exist already, no query is sent.
2. Schema and sizes of tables are read; large tables are left out unless the caller asks for all.
3. Each demand is judged by the rows as they are, within a time limit, on the read-only connection. What pending statements
   change first is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dbwarden.config import shown_path
from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.file import MigrationFile
from dbwarden.core.pending_demands import PendingDemands, PendingFile
from dbwarden.core.row_limits import RowLimits
from dbwarden.core.row_text import describe_rows, shown_rows
from dbwarden.errors import ConnectionLost, DatabaseError, UnmetDemands
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.offending_rows import JudgedDemand, judge_demands

from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class PreflightFinding:
    """A statement that would fail, because rows do not meet what it demands."""

    file: str
    line: int
    kind: str
    """``not null``, ``unique``, ``primary key``, ``check``, ``foreign key`` or ``type``."""
    table: str
    columns: tuple[str, ...]
    rows: int
    """Number of rows that do not meet it."""
    sample: tuple[Mapping[str, str | None], ...]
    """At most five of them: key and columns of the demand, as text; what looks like a secret is masked."""
    query: str
    """SQL that returns all of them."""
    lines: tuple[str, ...]
    """All of this in words."""


@dataclass(frozen=True, slots=True)
class UnjudgedDemand:
    """A demand of a pending statement that the rows in the database do not decide, and why."""

    file: str
    line: int
    demand: str
    reason: str


@dataclass(frozen=True, slots=True)
class PreflightReport:
    """Outcome of a look at the rows; ``met`` is the number of demands that all rows meet."""

    met: int = 0
    findings: tuple[PreflightFinding, ...] = ()
    unjudged: tuple[UnjudgedDemand, ...] = ()


def pending_files(files: Iterable[MigrationFile], dialect: Dialect, done: Mapping[str, int]) -> tuple[PendingFile, ...]:
    """The statements of ``files`` that will run; ``done`` has the numbers of those that an earlier run completed."""
    return tuple(
        PendingFile(
            file.name,
            file.upgrade(dialect.name),
            done.get(file.name, 0),
            f"{file.runner} runs the statement" if file.runner is not None else "",
        )
        for file in files
    )


_WORDS = ("ALTER", "UNIQUE")
"""Words of which each statement that makes a demand has one; a rebuild ends with ALTER TABLE."""


def makes_demands(dialect: Dialect, pending: Sequence[PendingFile]) -> bool:
    """Whether a statement may make a demand on rows, by the text of the files alone."""
    if not any(word in statement.text.upper() for file in pending for statement in file.statements for word in _WORDS):
        return False  # files of data have a hundred thousand statements
    reader = PendingDemands(dialect)
    return any(True for file in pending for _ in reader.read_file(file))


def look_at_rows(
    dialect: Dialect, conn: DatabaseConnection, pending: Sequence[PendingFile], limits: RowLimits
) -> PreflightReport:
    """Judge the demands of pending statements by the rows of the database; none, if its schema cannot be read. Raises
    ``ConnectionLost``."""
    try:
        schema, sizes = dialect.inspect(conn, Scope(definitions=False)), dialect.sizes(conn)
    except ConnectionLost:
        raise
    except DatabaseError as error:
        reason = error.message.partition("\n")[0]
        reader = PendingDemands(dialect)
        unread = [JudgedDemand(demand, unjudged=reason) for file in pending for demand in reader.read_file(file)]
        return _report(unread)
    reader = PendingDemands(dialect, schema)
    demands = [demand for file in pending for demand in reader.read_file(file)]
    return _report(list(judge_demands(conn, dialect, demands, (schema, sizes), limits)))


def _report(judged: Sequence[JudgedDemand]) -> PreflightReport:
    return PreflightReport(
        met=sum(1 for item in judged if item.rows is None and not item.unjudged),
        findings=tuple(_finding(item) for item in judged if item.rows is not None),
        unjudged=tuple(
            UnjudgedDemand(item.placed.file, item.placed.line, item.placed.demand.describe(), item.unjudged)
            for item in judged
            if item.unjudged
        ),
    )


def _finding(judged: JudgedDemand) -> PreflightFinding:
    demand, rows = judged.placed.demand, judged.rows
    assert rows is not None
    return PreflightFinding(
        file=judged.placed.file,
        line=judged.placed.line,
        kind=demand.kind.value,
        table=demand.path,
        columns=demand.columns,
        rows=rows.count,
        sample=shown_rows(rows),
        query=rows.query,
        lines=tuple(describe_rows(demand, rows)),
    )


def unmet_demands(workspace: Workspace, report: PreflightReport) -> UnmetDemands | None:
    """The refusal for the findings; ``None`` if there are none."""
    count = len(report.findings)
    if not count:
        return None
    return UnmetDemands(
        count=count,
        demands="statement" if count == 1 else "statements",
        database=workspace.label,
        listed="\n    ".join(line for finding in report.findings for line in finding_lines(workspace, finding)),
    )


def finding_lines(workspace: Workspace, finding: PreflightFinding) -> list[str]:
    """A finding in words, with the path and line of its statement."""
    path = workspace.folder / finding.file
    place = f"{shown_path(path, Path.cwd()) if path.exists() else finding.file}:{finding.line}"
    first, *others = finding.lines
    return [f"{place}: {first}", *others]
