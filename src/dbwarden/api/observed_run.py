"""Runs that others learn of: spans and metrics for OpenTelemetry, and the notification hook at the end.

Neither changes the outcome of the run. A run is one that may change the database; a dry run and a sandbox are none.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dbwarden.core.observer import RunObserver
from dbwarden.errors import DBWardenError
from dbwarden.runtime import lock

from .progress import Events, FileRun, NotificationFailed, TelemetryUnavailable
from .report import to_json
from .version import installed

if TYPE_CHECKING:
    from dbwarden.observers.telemetry import Telemetry

    from .migration_session import RunOptions
    from .workspace import Workspace

_log = logging.getLogger(__name__)

RESTORED = "restore"
"""Command that changes the database without running files."""


@dataclass
class RunWatch:
    """What is observed of one run."""

    telemetry: Telemetry | None = None
    files: list[FileRun] = field(default_factory=list)
    """Files that were finished."""

    @property
    def observer(self) -> RunObserver | None:
        """Observer of the files and statements."""
        return self.telemetry

    def lock_wait(self) -> AbstractContextManager[None]:
        """Span the taking of the migration lock."""
        return self.telemetry.lock_wait() if self.telemetry is not None else nullcontext()


@contextmanager
def observed_run(workspace: Workspace, command: str, options: RunOptions) -> Iterator[Workspace]:
    """Observe the run in the block, which works with the workspace that this yields."""
    if options.dry_run or getattr(options, "sandbox", False):
        yield workspace
        return
    telemetry = _telemetry(workspace, command, options.events)
    watch = RunWatch(telemetry)
    began, error = time.monotonic(), None
    try:
        with telemetry.run(os.environ) if telemetry is not None else nullcontext():
            yield replace(workspace, watch=watch)
    except BaseException as exc:
        error = exc
        raise
    finally:
        _notify(workspace, command, options, watch, error, time.monotonic() - began)


# -- OpenTelemetry ------------------------------------------------------------------------------------------------

_exports = False
"""Whether this process is ours, so that it sets up exporters by its environment."""


def export_telemetry() -> None:
    """Let the runs of this process be exported as the environment says (``OTEL_...``); for the command line."""
    global _exports
    _exports = True


def _telemetry(workspace: Workspace, command: str, events: Events) -> Telemetry | None:
    """What records the run; ``None`` if nobody has asked for it. OpenTelemetry is not imported then."""
    if _exports:
        _set_up_exporters(events)
    if "opentelemetry" not in sys.modules:
        return None
    try:
        from dbwarden.observers.telemetry import RunFacts, Telemetry
    except ImportError:  # a part of it, such as a namespace package without the API
        return None
    from dbwarden.core.url import Url  # deferred, as above

    settings = workspace.database
    url = Url.parse((workspace.dev and settings.dev_database_url) or settings.database_url_sync)
    facts = RunFacts(
        command=command,
        database=workspace.label,
        engine=settings.dialect(workspace.dev),
        lexical_rules=workspace.dialect.lexical_rules,
        tool_version=installed("dbwarden") or "0",
        host=url.host,
        port=url.port,
        namespace=url.database,
        statements=settings.trace_statements,
    )
    return Telemetry(facts)


def _set_up_exporters(events: Events) -> None:
    from dbwarden.observers.exporters import ExporterNames, set_up

    names = ExporterNames.of(os.environ)
    reason = set_up(names, os.environ, installed("dbwarden") or "0") if names else None
    if reason is not None:
        _log.warning("telemetry is not exported: %s", reason)
        events(TelemetryUnavailable(reason))


# -- the hook -----------------------------------------------------------------------------------------------------


def _notify(
    workspace: Workspace,
    command: str,
    options: RunOptions,
    watch: RunWatch,
    error: BaseException | None,
    duration: float,
) -> None:
    """Call the hook, if there is one for the outcome; say if that failed."""
    settings = workspace.database
    changed = bool(watch.files) or command == RESTORED
    wanted = settings.notify_on in ("always", "failure" if error is not None else "success")
    if settings.notify is None or workspace.dev or not wanted or (error is None and not changed):
        return
    from dbwarden.observers.notification import Hook  # deferred: few projects have one

    version = installed("dbwarden") or "0"
    hook = Hook(settings.notify, settings.root, settings.notify_timeout, f"dbwarden/{version}")
    reason = hook.call(_document(workspace, command, watch, error, duration, version))
    if reason is None:
        _log.info("notification passed to %s", hook.name)
        return
    _log.warning("notification not passed to %s: %s", hook.name, reason)
    options.events(NotificationFailed(workspace.label, hook.name, reason))


def _document(
    workspace: Workspace, command: str, watch: RunWatch, error: BaseException | None, duration: float, version: str
) -> dict[str, Any]:
    """The JSON document of a run. It has no text of statements, rows or errors of the engine, which may be secret."""
    settings = workspace.database
    return {
        "format": 1,
        "command": command,
        "outcome": "failed" if error is not None else "done",
        "database": workspace.label,
        "engine": settings.database_type,
        "host": workspace.node or None,
        "url": settings.shown_url(),
        "by": lock.identity(),
        "tool_version": version,
        "at": to_json(datetime.now(UTC)),
        "duration": round(duration, 6),
        "migrations": to_json([file for file in watch.files if not file.seed]),
        "seeds": to_json([file for file in watch.files if file.seed]),
        "error": _problem(error) if error is not None else None,
    }


def _problem(error: BaseException) -> dict[str, Any]:
    """What may be passed on of an error: its class, codes and place."""
    if not isinstance(error, DBWardenError):
        return {"code": type(error).__name__, "exit_code": 130 if isinstance(error, KeyboardInterrupt) else 1}
    fields = ("file", "line", "statement", "total", "sqlstate")
    known = {name: getattr(error, name, None) for name in fields}
    return {"code": error.code, "exit_code": error.exit_code, **known}
