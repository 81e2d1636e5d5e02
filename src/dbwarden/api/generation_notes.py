"""Notes on a new migration: conversions that a session decides, and rows on which it would fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from dbwarden import dialects
from dbwarden.core import file as migration_file
from dbwarden.core import row_limits
from dbwarden.core.row_effects import session_dependent_columns
from dbwarden.errors import DatabaseError

from .comparison import Comparison
from .workspace import Workspace


def session_notes(comparison: Comparison) -> Iterator[str]:
    """Notes about conversions that depend on a time zone or another session setting."""
    both = comparison.pair
    sessions = session_dependent_columns(both.current, both.desired, comparison.dialect, both.renames)
    for zone, names in sessions.assumed.items():
        yield (
            f"The times in {', '.join(names)} are taken as {zone}. Where they are those of another zone, write it in place of"
            f" '{zone}', in both sections."
        )
    remedy = "name the format in USING, or SET it" if comparison.dialect.features.local_settings else "SET it"
    for name in sessions.dependent:
        yield f"What becomes of {name} is decided by that setting of the session: {remedy}."


def row_notes(workspace: Workspace, comparison: Comparison, text: str, offline: bool) -> list[str]:
    """Notes on rows of the database on which the new migration would fail, if it costs little to look."""
    if offline or not text:
        return []
    from . import preflight  # deferred: nothing to look at in most runs

    dialect, name = comparison.dialect, "0001_new.sql"
    file = migration_file.parse(name, text, dialect.lexical_rules, dialects.LEXICAL_RULES)
    before = [entry.file for entry in comparison.overview.pending if entry.file is not None]
    pending = preflight.pending_files([*before, file], dialect, {})
    if not preflight.makes_demands(dialect, pending):
        return []
    unfilled = frozenset(comparison.unfilled)  # a note of its own says how many rows have no value
    with suppress(DatabaseError), workspace.connect(read_only=True) as conn:
        report = preflight.look_at_rows(dialect, conn, pending, row_limits.CHEAP)
        findings = [
            finding
            for finding in report.findings
            if finding.file == name
            and f"{finding.table}.{finding.columns[0] if finding.columns else ''}" not in unfilled
        ]
        return ["The new migration would fail: " + "\n".join(finding.lines) for finding in findings]
    return []
