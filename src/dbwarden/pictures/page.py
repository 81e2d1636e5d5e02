"""The HTML page of ``report``: one file that needs nothing else.

Its policy allows the browser no request, and no script but the page's own, by its digest: text that gets into the page as markup
could still do nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from markupsafe import Markup

from dbwarden.core.diagram import ChangeMark, Diagram, DiagramTable
from dbwarden.core.types import Ref

from .layout import Layout, layout
from .render import colors, environment, slug, styles, text

GENERATOR = '<meta name="generator" content="dbwarden report">'
"""The line by which a page is recognised as a former report."""


@dataclass(frozen=True, slots=True)
class PageEvent:
    """An event of the history. ``tone`` is its colour: ``good``, ``back``, ``bad`` or ``open``."""

    event: str
    file: str
    tone: str
    at: datetime | None = None
    seconds: float | None = None
    by: str = ""
    statements: str = ""
    """``3 of 5 statements``, if not all of them were executed."""
    error: str | None = None

    @property
    def time(self) -> str:
        """The time in UTC."""
        return self.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if self.at else ""

    @property
    def day(self) -> str:
        """The day in UTC."""
        return self.time[:10]

    @property
    def duration(self) -> str:
        """The duration in words."""
        if self.seconds is None:
            return ""
        return f"{self.seconds * 1000:.0f} ms" if self.seconds < 1 else f"{self.seconds:.1f} s"


@dataclass(frozen=True, slots=True)
class PageFinding:
    """A finding of ``check``."""

    severity: str
    rule: str
    file: str
    line: int
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class PageStatement:
    """A statement of a pending file with its forecast in words."""

    number: int
    line: int
    sql: str
    tables: str
    lock: str
    waits: str
    blocks: str
    work: str
    duration: str
    deletes_data: bool
    transactional: bool


@dataclass(frozen=True, slots=True)
class PageFile:
    """A migration that was checked, with its forecast."""

    name: str
    state: str
    statements: tuple[PageStatement, ...]
    locks: tuple[str, ...]
    findings: tuple[PageFinding, ...] = ()
    irreversible: str | None = None


@dataclass(frozen=True)
class PageDatabase:
    """One database of the project."""

    name: str
    engine: str
    url: str = ""
    """Masked."""
    server: str = ""
    """Product and version; empty if the database was not reached."""
    source: str = ""
    diagram: Diagram = field(default_factory=Diagram)
    sizes: Mapping[Ref, str] = field(default_factory=dict)
    events: tuple[PageEvent, ...] = ()
    history_known: bool = False
    files: tuple[PageFile, ...] = ()
    files_are: str = "pending file"
    differences: tuple[str, ...] | None = None
    """What the models say beyond the pending files; ``None`` if it is not known."""
    findings: tuple[PageFinding, ...] = ()
    severity: str = ""
    """The worst of the findings; empty if nothing was checked."""
    notes: tuple[str, ...] = ()
    error: str | None = None

    @property
    def id(self) -> str:
        """Its name in addresses."""
        return slug(self.name)

    @property
    def tables(self) -> tuple[DiagramTable, ...]:
        """Tables without views."""
        return tuple(table for table in self.diagram.tables if table.is_table)

    @property
    def changes(self) -> Mapping[str, int]:
        """Number of tables and views that are added, changed and dropped."""
        counted = Counter(table.fate.mark for table in self.diagram.tables)
        return {
            mark.value: counted[mark]
            for mark in (ChangeMark.ADDED, ChangeMark.CHANGED, ChangeMark.DROPPED)
            if counted[mark]
        }

    def layout(self) -> Layout:
        """The diagram's picture."""
        return layout(self.diagram)

    def readers(self, ref: Ref) -> list[str]:
        """What refers to a table: ``orders (customer_id)``, ``view recent``."""
        listed = []
        for relation in self.diagram.relations:
            if relation.target == ref:
                columns = f" ({', '.join(relation.columns)})" if relation.columns else ""
                listed.append(f"{self.diagram.labels[relation.table]}{columns}")
        return listed


def page(title: str, version: str, databases: tuple[PageDatabase, ...]) -> str:
    """The page as HTML."""
    script = text("report.js").strip()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        environment()
        .get_template("report.html.jinja")
        .render(
            title=title,
            version=version,
            databases=databases,
            css=styles("diagram.css", "report.css"),
            script=Markup(script),
            digest=digest,
            generator=Markup(GENERATOR),
            **colors(),
        )
        .lstrip()
    )
