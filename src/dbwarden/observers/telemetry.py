"""Spans and metrics of a run, through the API of OpenTelemetry.

Nothing of an error's text is exported, because engines put rows and values into it: a span has the class of the error and
the engine's code. Statements are exported without the values in them, unless the setting ``trace_statements`` says otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from opentelemetry import metrics, propagate, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from dbwarden.core.lexical_rules import LexicalRules
from dbwarden.core.logged_sql import operation_of, statement_outline
from dbwarden.core.record import Record
from dbwarden.core.sqltext import SqlStatement
from dbwarden.errors import DatabaseError, DBWardenError

NAME = "dbwarden"
STATEMENT_SPANS = 1000
"""Statements of a file that get a span of their own; a file of rows may have a hundred thousand."""

Attributes = Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known of a run before it begins."""

    command: str
    database: str
    engine: str
    lexical_rules: LexicalRules
    tool_version: str
    host: str | None = None
    port: int | None = None
    namespace: str | None = None
    """Name of the database on its server."""
    statements: str = "outline"
    """The setting ``trace_statements``."""

    @property
    def target(self) -> Attributes:
        """Attributes of the database, by the semantic conventions."""
        known: dict[str, str | int | float | bool] = {"dbwarden.database": self.database, "db.system.name": self.engine}
        if self.namespace:
            known["db.namespace"] = self.namespace
        if self.host:
            known["server.address"] = self.host
        if self.port:
            known["server.port"] = self.port
        return known


class Telemetry:
    """A ``core.observer.RunObserver`` that records spans and metrics with the process's providers."""

    def __init__(self, facts: RunFacts) -> None:
        self.facts = facts
        self._tracer = trace.get_tracer(NAME, facts.tool_version)
        self._metrics = _instruments(metrics.get_meter_provider(), facts.tool_version)
        self._labels: Attributes = {"dbwarden.database": facts.database, "db.system.name": facts.engine}
        self._statements = 0

    @contextmanager
    def run(self, environment: Mapping[str, str]) -> Iterator[None]:
        """Span the whole run. Its parent is the present span, else the one that ``TRACEPARENT`` of the environment names."""
        facts = self.facts
        attributes = {**facts.target, "dbwarden.command": facts.command}
        parent = None if trace.get_current_span().get_span_context().is_valid else _parent(environment)
        began = time.monotonic()
        outcome = "done"
        try:
            with self._span(f"{facts.command} {facts.database}", attributes, context=parent):
                yield
        except BaseException:
            outcome = "failed"
            raise
        finally:
            labels = {**self._labels, "dbwarden.command": facts.command, "dbwarden.outcome": outcome}
            self._metrics.run_duration.record(time.monotonic() - began, labels)

    @contextmanager
    def lock_wait(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            with self._span("lock", self.facts.target):
                yield
        finally:
            self._metrics.lock_wait.record(time.monotonic() - began, self._labels)

    @contextmanager
    def file(self, event: Record, direction: str) -> Iterator[None]:
        attributes = {
            **self.facts.target,
            "dbwarden.file": event.file,
            "dbwarden.migration": event.key,
            "dbwarden.direction": direction,
            "dbwarden.statements": event.statements_total,
        }
        labels = {**self._labels, "dbwarden.direction": direction, "dbwarden.kind": event.kind.value}
        self._statements = 0
        began = time.monotonic()
        try:
            with self._span(f"{direction} {event.file}", attributes) as span:
                yield
                if self._statements > STATEMENT_SPANS:
                    span.set_attribute("dbwarden.statements.without_span", self._statements - STATEMENT_SPANS)
        except BaseException as error:
            self._metrics.failed.add(1, {**labels, "error.type": type(error).__name__})
            raise
        counter = self._metrics.applied if direction == "upgrade" else self._metrics.rolled_back
        counter.add(1, labels)
        self._metrics.file_duration.record(time.monotonic() - began, labels)

    @contextmanager
    def statement(self, number: int, statement: SqlStatement) -> Iterator[None]:
        operation = operation_of(statement.text, self.facts.lexical_rules)
        began = time.monotonic()
        self._statements += 1
        spanned = self._statements <= STATEMENT_SPANS
        with self._statement_span(operation, number, statement) if spanned else nullcontext():
            yield
        self._metrics.statement_duration.record(
            time.monotonic() - began, {**self._labels, "db.operation.name": operation}
        )

    @contextmanager
    def _statement_span(self, operation: str, number: int, statement: SqlStatement) -> Iterator[None]:
        facts = self.facts
        attributes = {
            **facts.target,
            "db.operation.name": operation,
            "dbwarden.statement": number,
            "dbwarden.line": statement.line,
        }
        if facts.statements == "full":
            attributes["db.query.text"] = statement.text
        elif facts.statements == "outline":
            attributes["db.query.text"] = statement_outline(statement.text, facts.lexical_rules)
        with self._span(operation, attributes, kind=SpanKind.CLIENT):
            yield

    @contextmanager
    def _span(
        self, name: str, attributes: Attributes, *, context: Any = None, kind: SpanKind = SpanKind.INTERNAL
    ) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name,
            context=context,
            kind=kind,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as error:
                _note_error(span, error)
                raise


def _note_error(span: Span, error: BaseException) -> None:
    """Note the class and the codes of an error, not its text."""
    span.set_status(Status(StatusCode.ERROR, type(error).__name__))
    span.set_attribute("error.type", type(error).__name__)
    if isinstance(error, DBWardenError):
        span.set_attribute("dbwarden.exit_code", error.exit_code)
    if isinstance(error, DatabaseError):
        span.set_attribute("dbwarden.failure", error.failure.value)
    if code := getattr(error, "sqlstate", None):
        span.set_attribute("db.response.status_code", str(code))


def _parent(environment: Mapping[str, str]) -> Any:
    """Context of ``TRACEPARENT`` and its kin; one without a span if they are not set."""
    names = ("TRACEPARENT", "TRACESTATE", "BAGGAGE")
    return propagate.extract({name.lower(): environment[name] for name in names if name in environment})


@lru_cache(maxsize=1)
def _instruments(provider: metrics.MeterProvider, version: str) -> _Instruments:
    """The instruments of a provider, made once: earlier releases of OpenTelemetry warn of a second time."""
    return _Instruments.of(provider.get_meter(NAME, version))


@dataclass(frozen=True, slots=True)
class _Instruments:
    """Instruments of the metrics."""

    applied: metrics.Counter
    rolled_back: metrics.Counter
    failed: metrics.Counter
    run_duration: metrics.Histogram
    file_duration: metrics.Histogram
    statement_duration: metrics.Histogram
    lock_wait: metrics.Histogram

    @classmethod
    def of(cls, meter: metrics.Meter) -> _Instruments:
        """Make the instruments of a meter."""

        def counter(name: str, description: str) -> metrics.Counter:
            return meter.create_counter(f"dbwarden.{name}", "{file}", description)

        def duration(name: str, description: str) -> metrics.Histogram:
            buckets = [0.005, 0.025, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14400]
            make: Callable[..., metrics.Histogram] = meter.create_histogram
            try:
                return make(f"dbwarden.{name}", "s", description, explicit_bucket_boundaries_advisory=buckets)
            except TypeError:  # before 1.30, which an application may have
                return make(f"dbwarden.{name}", "s", description)

        return cls(
            counter("files.applied", "Files applied."),
            counter("files.rolled_back", "Files rolled back."),
            counter("files.failed", "Files that failed, in either direction."),
            duration("run.duration", "Duration of runs, with the wait for the lock."),
            duration("file.duration", "Duration of files that were applied or rolled back."),
            duration("statement.duration", "Duration of statements that succeeded."),
            duration("lock.wait", "Time until the migration lock was taken, or given up."),
        )
