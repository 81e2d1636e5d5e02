"""Compares the targets of a fleet with the models: each schema that differs from the others once."""

from __future__ import annotations

import threading
from dataclasses import replace

from dbwarden.core.dialect import Scope
from dbwarden.core.model import Schema
from dbwarden.core.record import last_events

from .comparison import CompareOptions
from .diff import diff_workspace
from .fleet_results import TargetResult, TargetState
from .models import import_models
from .workspace import Workspace

_Key = tuple[str, Schema, tuple[tuple[str, str, str], ...]]
"""Server, schema, and the last event of each migration."""


class FleetComparison:
    """Comparisons of the targets of one fleet. Inspecting is done in many threads; comparing, which reads the models, in one."""

    def __init__(self, workspace: Workspace, options: CompareOptions | None) -> None:
        self._options = options or CompareOptions()
        self._models = import_models(workspace)
        self._known = dict[_Key, TargetResult]()
        self._one_at_a_time = threading.Lock()

    def compare(self, workspace: Workspace) -> TargetResult:
        """Compare one target. Raises as ``diff``."""
        key = self._key(workspace)
        with self._one_at_a_time:
            if key not in self._known:
                self._known[key] = self._compare(workspace)
        assert workspace.target is not None
        return replace(self._known[key], target=workspace.target.name, database=workspace.label)

    def _key(self, workspace: Workspace) -> _Key:
        with workspace.connect(read_only=True) as conn:
            dialect = workspace.dialect_for(conn)
            with self._one_at_a_time:
                desired = self._models.schema(dialect)
            schemas = sorted({ref.schema for ref in desired if ref.schema is not None})
            schema = workspace.ignored(dialect).hide(dialect.inspect(conn, Scope((None, *schemas))))
            records = last_events(workspace.records(conn, workspace.files()))
        events = sorted((str(at), record.checksum, record.event.value) for at, record in records.items())
        return dialect.server.product, schema, tuple(events)

    def _compare(self, workspace: Workspace) -> TargetResult:
        report = diff_workspace(workspace, self._options)
        lines = (
            *(change.text for change in report.changes),
            *(f"not in the models: {text}" for text in report.unowned),
        )
        pending = f"pending: {', '.join(report.pending)}" if report.pending else ""
        state = TargetState.DIFFERENT if report.changes or report.unowned else TargetState.EQUAL
        return TargetResult("", "", state, migrations=lines, detail=pending)
