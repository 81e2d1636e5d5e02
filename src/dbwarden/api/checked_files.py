"""What each file that ``check`` checks does, for a review: changes, statements, locks, lost data, and the state of its proof."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dbwarden.checks.file_changes import file_changes
from dbwarden.checks.rule import Context, Finding
from dbwarden.core.file import MigrationFile
from dbwarden.core.types import Ref

from .changes import ReportedChange, reported_changes
from .explained import ExplainedLock, ExplainedStatement, forecast_of
from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class LostData:
    """A table or column whose data the upgrade destroys. ``rows`` is about the table's number of rows, ``None`` without a
    database."""

    object: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One file of a ``CheckReport``, as far as its text and the database tell.

    ``proof`` is ``proven``, ``stale`` (edited after it was proven), ``unbound`` (it does not say of which statements),
    ``unproven`` or ``none``; ``proof_text`` is what the header says.
    """

    name: str
    path: Path
    changes: tuple[ReportedChange, ...]
    transaction: bool
    """Whether its statements share a transaction, apart from those that cannot run in one."""
    statements: tuple[ExplainedStatement, ...]
    locks: tuple[ExplainedLock, ...]
    lost_data: tuple[LostData, ...]
    proof: str
    proof_text: str
    rollback: bool
    """Whether it has a rollback."""
    irreversible: str | None
    """Its reason for having none."""


def checked_file(context: Context, file: MigrationFile, findings: list[Finding], workspace: Workspace) -> CheckedFile:
    """The report of one file."""
    statements, locks = forecast_of(context)
    proof = file.headers.get("proven") or file.headers.get("unproven") or ""
    return CheckedFile(
        name=context.name,
        path=workspace.folder / context.name,
        changes=reported_changes(file_changes(context)),
        transaction=context.transaction,
        statements=statements,
        locks=locks,
        lost_data=tuple(_lost_data(context, findings)),
        proof=context.claim.value,
        proof_text=proof,
        rollback=bool(context.rollback),
        irreversible=context.irreversible,
    )


def _lost_data(context: Context, findings: list[Finding]) -> Iterator[LostData]:
    for ref in dict.fromkeys(finding.loses for finding in findings if finding.loses is not None):
        table = ref if ref.kind == "table" else Ref("table", ref.table or "", ref.schema)
        size = context.size(table)
        if size is None or size.rows:
            yield LostData(str(ref), None if size is None else size.rows)
