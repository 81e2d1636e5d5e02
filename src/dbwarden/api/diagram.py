"""diagram: the entity-relationship diagram of a database, as SVG, Mermaid or DBML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from dbwarden.core.diagram import Diagram
from dbwarden.core.suggestions import did_you_mean
from dbwarden.errors import UnknownTable
from dbwarden.pictures.dbml import dbml
from dbwarden.pictures.mermaid import mermaid

from .check import examine
from .optional_packages import packages_of_extra
from .pictured_schema import read_schema, with_changes
from .progress import Events, report_work, silent
from .workspace import open_workspace

FORMATS = ("mermaid", "dbml", "svg")
PACKAGES = ("jinja2", "markupsafe", "networkx")
"""The packages of the extra ``report``."""


@dataclass(frozen=True, slots=True)
class DiagramReport:
    """A diagram as text in ``format``. ``source`` is what it shows: ``database``, ``models``, or the path of the state file."""

    database: str
    format: str
    source: str
    tables: int
    """Number of tables and views."""
    relations: int
    text: str
    notes: tuple[str, ...] = ()


def diagram(
    database: str | None = None,
    *,
    format: str = "mermaid",
    tables: Sequence[str] = (),
    changes: bool = False,
    offline: bool = False,
    config: str | None = None,
    dev: bool = False,
    events: Events = silent,
) -> DiagramReport:
    """Draw the tables and views of a database with their relations; nothing is changed.

    ``tables`` are names or patterns (``order_*``): only these are drawn. With ``changes``, what pending files and the models
    add, drop and change is marked. ``offline`` reads the state file, or else the models. Raises ``UnknownTable`` for a pattern
    that nothing matches, ``MissingPackage`` for ``svg`` without the extra ``report``, ``ConnectionFailed``.
    """
    workspace = open_workspace(config, database, dev=dev)
    with report_work(events, f"reading {workspace.state_name if offline else f'database {workspace.label}'}"):
        pictured = read_schema(workspace, offline=offline)
    notes = pictured.notes
    if changes:
        examination = examine(workspace, offline=offline, events=events)
        pictured = with_changes(workspace, pictured, examination)
        unknown = examination.report.differences is None
        notes = (*pictured.notes, *(examination.report.notes if unknown else ()))
    drawn = selected(pictured.diagram(), tables, workspace.label)
    return DiagramReport(
        database=workspace.label,
        format=format,
        source=pictured.source,
        tables=len(drawn.tables),
        relations=len(drawn.relations),
        text=as_text(drawn, format, workspace.label),
        notes=notes,
    )


def as_text(drawn: Diagram, format: str, title: str) -> str:
    """A diagram in one of ``FORMATS``."""
    if format == "mermaid":
        return mermaid(drawn)
    if format == "dbml":
        return dbml(drawn)
    with packages_of_extra("report", PACKAGES, "A diagram as SVG"):
        from dbwarden.pictures.render import svg
    return svg(drawn, title)


def selected(whole: Diagram, patterns: Sequence[str], database: str) -> Diagram:
    """The diagram with only the tables that a pattern matches, without other objects. Raises ``UnknownTable``."""
    if not patterns:
        return whole
    for pattern in patterns:
        if not any(fnmatchcase(label, pattern) for label in whole.labels.values()):
            nearest = did_you_mean(pattern, list(whole.labels.values()))
            raise UnknownTable(table=pattern, database=database, nearest=nearest)
    refs = {ref for ref, label in whole.labels.items() if any(fnmatchcase(label, pattern) for pattern in patterns)}
    return replace(
        whole,
        tables=tuple(table for table in whole.tables if table.ref in refs),
        relations=tuple(item for item in whole.relations if {item.table, item.target} <= refs),
        objects=(),
        labels={ref: label for ref, label in whole.labels.items() if ref in refs},
    )
