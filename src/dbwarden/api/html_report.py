"""report: one HTML page about the databases of a project, and their diagrams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dbwarden import config as configuration_files
from dbwarden.checks.forecast import LockForecast, StatementForecast, forecast, held_locks
from dbwarden.checks.run import contexts
from dbwarden.core.dialect import Size
from dbwarden.core.overview import Entry, State
from dbwarden.core.record import Event
from dbwarden.core.redaction import redacted_text
from dbwarden.errors import DBWardenError, FileExists, FolderError
from dbwarden.pictures.dbml import dbml
from dbwarden.pictures.mermaid import mermaid
from dbwarden.runtime import directory

from .check import CheckFinding, Examination, examine
from .diagram import PACKAGES
from .forecast_words import WAITERS, WORK, duration_words, held_words
from .history import HistoryEntry, history
from .live_state import environment_of
from .optional_packages import packages_of_extra
from .pictured_schema import DATABASE, PicturedSchema, read_schema_if_possible, with_changes
from .progress import Events, report_work, silent
from .version import installed
from .workspace import Workspace, open_workspace

with packages_of_extra("report", PACKAGES, "The report"):
    from dbwarden.pictures.page import (
        GENERATOR,
        PageDatabase,
        PageEvent,
        PageFile,
        PageFinding,
        PageStatement,
        page,
    )
    from dbwarden.pictures.render import svg

INDEX = "index.html"
_TONES = {
    Event.APPLIED: "good",
    Event.BASELINED: "good",
    Event.ROLLED_BACK: "back",
    Event.FAILED: "bad",
    Event.ROLLBACK_FAILED: "bad",
}


@dataclass(frozen=True, slots=True)
class ReportedDatabase:
    """What the page has about one database."""

    database: str
    connected: bool
    source: str
    """What the diagram shows: ``database``, ``models``, the path of the state file, or empty."""
    tables: int
    relations: int
    pending: int
    events: int
    severity: str
    """The worst finding; empty if nothing was checked."""
    notes: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class HtmlReport:
    """The files that were written."""

    path: Path
    """The page."""
    files: tuple[Path, ...]
    """All files, the page first."""
    databases: tuple[ReportedDatabase, ...]


def html_report(
    out: Path,
    database: str | None = None,
    *,
    title: str | None = None,
    offline: bool = False,
    force: bool = False,
    config: str | None = None,
    dev: bool = False,
    events: Events = silent,
) -> HtmlReport:
    """Write a page about all databases of the project, or one, with diagrams, history, pending changes and findings.

    ``out`` is a file ``*.html``, or a folder that also gets each diagram as SVG, Mermaid and DBML. A former report is replaced,
    another file only with ``force``. A database that cannot be reached is shown from the state file or the models. The
    databases are only read. Raises ``FileExists``, ``FolderError``, ``ConfigurationError``.
    """
    project = configuration_files.load(config)
    names = [database] if database is not None else list(project.databases)
    single = out.suffix.lower() in (".html", ".htm")
    target = out if single else out / INDEX
    _ensure_replaceable(target, force)
    shown = [_database(open_workspace(config, name, dev=dev), config, offline, events) for name in names]
    text = page(title or project.root.resolve().name, installed("dbwarden") or "", tuple(shown))
    files = {target: text} if single else {target: text, **_diagrams(out, shown)}
    _write(files)
    return HtmlReport(target, tuple(files), tuple(map(_reported, shown)))


def _ensure_replaceable(target: Path, force: bool) -> None:
    try:
        if target.exists() and not force and GENERATOR not in target.read_text("utf-8", "replace")[:2000]:
            raise FileExists(path=str(target))
    except OSError as error:
        raise FolderError(folder=target, reason=error.strerror or str(error)) from error


def _diagrams(folder: Path, shown: Sequence[PageDatabase]) -> dict[Path, str]:
    texts: dict[Path, str] = {}
    for item in shown:
        if item.diagram.tables:
            texts[folder / f"{item.id}.svg"] = svg(item.diagram, item.name)
            texts[folder / f"{item.id}.mmd"] = mermaid(item.diagram)
            texts[folder / f"{item.id}.dbml"] = dbml(item.diagram)
    return texts


def _write(files: dict[Path, str]) -> None:
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FolderError(folder=path.parent, reason=error.strerror or str(error)) from error
        directory.replace(path, text)


def _reported(item: PageDatabase) -> ReportedDatabase:
    return ReportedDatabase(
        item.name,
        bool(item.server),
        item.source,
        len(item.diagram.tables),
        len(item.diagram.relations),
        sum(file.state == "pending" for file in item.files),
        sum(event.at is not None for event in item.events),
        item.severity,
        item.notes,
        item.error,
    )


# -- one database -------------------------------------------------------------------------------------------------


def _database(workspace: Workspace, config: str | None, offline: bool, events: Events) -> PageDatabase:
    """What the page says about one database; an error becomes part of it."""
    engine = workspace.database.dialect(workspace.dev)
    shown = PageDatabase(workspace.label, engine, workspace.database.shown_url(workspace.dev))
    try:
        with report_work(events, f"reading database {workspace.label}"):
            pictured = read_schema_if_possible(workspace, offline=offline)
    except DBWardenError as error:
        return replace(shown, error=_message(error))
    shown = replace(shown, source=pictured.source)
    live = pictured.source == DATABASE
    try:
        examination = examine(workspace, offline=not live, events=events)
        pictured = with_changes(workspace, pictured, examination)
        shown = _with_checks(workspace, shown, examination)
    except DBWardenError as error:
        # The schema is known all the same.
        pictured = replace(pictured, notes=(*pictured.notes, f"Nothing was checked: {_message(error)}"))
    shown = replace(shown, diagram=pictured.diagram(), notes=_notes(pictured, shown))
    return _with_history(workspace, config, shown, pictured) if live else shown


def _message(error: DBWardenError) -> str:
    return redacted_text(error.message)


def _notes(pictured: PicturedSchema, shown: PageDatabase) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(redacted_text, (*pictured.notes, *shown.notes))))


def _with_checks(workspace: Workspace, shown: PageDatabase, examination: Examination) -> PageDatabase:
    report, live = examination.report, examination.live
    findings = tuple(map(_finding, report.findings))
    named = [item for item in report.notes if not item.endswith("this is what remains to do behind it")]
    return replace(
        shown,
        server=live.dialect.server.product if live is not None else "",
        sizes={ref: _size_words(size) for ref, size in live.sizes.items()} if live is not None else {},
        files=tuple(_files(workspace, examination, findings)),
        files_are=report.selection,
        differences=report.differences,
        findings=findings,
        severity=report.severity,
        notes=tuple(named),
    )


def _with_history(
    workspace: Workspace, config: str | None, shown: PageDatabase, pictured: PicturedSchema
) -> PageDatabase:
    try:
        past = history(workspace.label, config=config, dev=workspace.dev).events
    except DBWardenError as error:
        return replace(shown, notes=(*shown.notes, f"The history could not be read: {_message(error)}"))
    coming = (PageEvent("pending", file.name, "open") for file in shown.files if file.state == "pending")
    server = shown.server or pictured.dialect.server.product
    return replace(shown, server=server, history_known=True, events=(*map(_event, past), *coming))


def _event(entry: HistoryEntry) -> PageEvent:
    done, total = entry.statements_done, entry.statements_total
    return PageEvent(
        entry.event.value.replace("_", " "),
        entry.file,
        _TONES.get(entry.event, "good"),
        entry.at,
        entry.duration,
        entry.by,
        f"{done} of {total} statements" if done != total else "",
        redacted_text(entry.error) if entry.error else None,
    )


def _finding(item: CheckFinding) -> PageFinding:
    return PageFinding(item.severity, item.rule, item.file, item.line, item.message, item.advice)


# -- forecast -----------------------------------------------------------------------------------------------------


def _files(workspace: Workspace, examination: Examination, findings: Sequence[PageFinding]) -> Iterator[PageFile]:
    live = examination.live
    pending = {} if live is None else {entry.name: entry for entry in live.overview.pending}
    made = contexts(
        examination.files,
        examination.selected,
        live.dialect if live else workspace.dialect,
        environment_of(workspace, live),
        engine=workspace.variant,
        schema=live.schema if live and pending else None,
    )
    for context in made:
        statements = forecast(context)
        locks = held_locks(context, statements)
        own = tuple(finding for finding in findings if finding.file == context.name)
        yield PageFile(
            context.name,
            _state(pending.get(context.name)) if live is not None else "",
            tuple(_statement(number, item) for number, item in enumerate(statements, 1)),
            tuple(map(_lock, locks)),
            own,
            context.irreversible,
        )


def _state(entry: Entry | None) -> str:
    if entry is None:
        return "applied"
    return "pending" if entry.state in (State.PENDING, State.OUT_OF_ORDER, State.CHANGED) else entry.state.value


def _statement(number: int, item: StatementForecast) -> PageStatement:
    blocks = item.blocks.name.lower()
    return PageStatement(
        number,
        item.line,
        redacted_text(item.sql),
        ", ".join(table.text for table in item.tables),
        item.lock,
        WAITERS[blocks] if item.lock or blocks != "nothing" else "",
        blocks,
        WORK[item.work.name.lower()],
        duration_words(item.duration),
        item.deletes_data,
        item.transactional,
    )


def _lock(lock: LockForecast) -> str:
    """``users: EXCLUSIVE, writers wait from statement 1 to 3, about 2 to 20 seconds``."""
    words = held_words(lock.lock, lock.blocks.name.lower(), lock.first, lock.last, lock.duration)
    return f"{lock.table}: {words}"


def _size_words(size: Size) -> str:
    about = "" if size.exact or not size.rows else "about "
    rows = f"{about}{size.rows:,} row{'' if size.rows == 1 else 's'}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{rows}, {_bytes(size.bytes)}" if size.bytes else rows


def _bytes(number: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1024:
            return f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.1f} TB"
