"""Differences for reports, one line each."""

from __future__ import annotations

from dataclasses import dataclass

from dbwarden.core.change import Alter
from dbwarden.core.change_line import ChangeLine
from dbwarden.core.model import Table
from dbwarden.core.object_text import name_of

from .comparison import Comparison


@dataclass(frozen=True, slots=True)
class ReportedChange:
    """A difference as one line of text, and its parts."""

    text: str
    """``customers.phone: VARCHAR(20) → VARCHAR(40)``"""
    action: str
    """``add``, ``drop``, ``change``, ``rename`` or ``move``."""
    object: str
    """Object that changes: ``customers.phone``; empty if ``part`` is enough (``table users``)."""
    part: str
    """Property or part that changes: ``default``, ``column published_at``; empty if the values are enough."""
    from_: str | None
    """Value before, as SQL; ``None`` if there was none."""
    to: str | None


def reported_changes(lines: tuple[ChangeLine, ...]) -> tuple[ReportedChange, ...]:
    """Convert the lines of a comparison for a report."""
    return tuple(
        ReportedChange(line.text, line.verb.value, line.subject, line.noun, line.before, line.after) for line in lines
    )


def rebuilt_tables(comparison: Comparison) -> tuple[str, ...]:
    """Names of tables that the plan rebuilds, because ALTER TABLE cannot make the change."""
    if not comparison.dialect.features.rebuilds_tables:
        return ()
    altered = (step.change for step in comparison.plan.steps if isinstance(step.change, Alter))
    return tuple(name_of(change.ref, comparison.dialect) for change in altered if isinstance(change.after, Table))
