"""Differences line by line, for reports."""

from __future__ import annotations

from dataclasses import dataclass

from dbwarden.core.change import Alter
from dbwarden.core.change_line import ChangeLine
from dbwarden.core.model import Table
from dbwarden.core.object_text import name_of

from .comparison import Comparison


@dataclass(frozen=True, slots=True)
class ReportedChange:
    """Change, in words and in parts."""

    text: str
    """``customers.phone: VARCHAR(20) → VARCHAR(40)``"""
    action: str
    """``add``, ``drop``, ``change``, ``rename`` or ``move``."""
    object: str
    """Object that changes: ``customers.phone``; empty if ``part`` is enough (``table users``)."""
    part: str
    """Property or part that changes: ``default``, ``column published_at``; empty if the values are enough."""
    from_: str | None
    """Before, as SQL; ``None`` where there was nothing."""
    to: str | None


def reported(lines: tuple[ChangeLine, ...]) -> tuple[ReportedChange, ...]:
    """The lines of a comparison for a report."""
    return tuple(
        ReportedChange(line.text, line.verb.value, line.subject, line.noun, line.before, line.after) for line in lines
    )


def rebuilt_tables(comparison: Comparison) -> tuple[str, ...]:
    """Tables that the plan rebuilds and fills, because ALTER TABLE cannot do what changes."""
    if not comparison.dialect.features.rebuilds_tables:
        return ()
    altered = (step.change for step in comparison.plan.steps if isinstance(step.change, Alter))
    return tuple(name_of(change.ref, comparison.dialect) for change in altered if isinstance(change.after, Table))
