"""Spans and metrics of OpenTelemetry: in an application with providers of its own, and from the command line to a collector."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from dbwarden.observers.exporters import ExporterNames
from tests.support.command import COMMAND, environment, write_migration, write_project

SECRET = "hunter2"

APPLICATION = """
import json, sys
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
metrics.set_meter_provider(MeterProvider([reader]))

import dbwarden
from dbwarden.observers import telemetry
telemetry.STATEMENT_SPANS = 3
with trace.get_tracer("application").start_as_current_span("deployment"):
    dbwarden.migrate(count=2)
    dbwarden.migrate(options=dbwarden.MigrateOptions(dry_run=True))
    try:
        dbwarden.migrate()
    except dbwarden.DBWardenError as error:
        assert "hunter2" in str(error)
    dbwarden.rollback(options=dbwarden.RollbackOptions(force=True))
names = {span.context.span_id: span.name for span in exporter.get_finished_spans()}
spans = [
    {"name": span.name, "parent": names.get(span.parent.span_id) if span.parent else None, "attributes": dict(span.attributes),
     "status": span.status.status_code.name, "events": len(span.events), "whole": span.to_json()}
    for span in exporter.get_finished_spans()
]
points = [
    [metric.name, dict(point.attributes), getattr(point, "value", None), getattr(point, "count", None)]
    for scope in reader.get_metrics_data().resource_metrics[0].scope_metrics for metric in scope.metrics
    for point in metric.data.data_points
]
print(json.dumps({"spans": spans, "points": points}))
"""


def traced(folder: Path) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", APPLICATION], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    exported: dict[str, Any] = json.loads(done.stdout)
    return exported


def three_files(folder: Path, url: str, **settings: object) -> None:
    migrations = write_project(folder, url, **settings)
    write_migration(migrations, "0001_t", "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20));", "DROP TABLE t;")
    rows = "".join(f"INSERT INTO t VALUES ({n}, '{SECRET}');\n" for n in range(5))
    write_migration(migrations, "0002_rows", rows, "DELETE FROM t WHERE id < 4711;")
    write_migration(migrations, "0003_again", f"INSERT INTO t VALUES (1, '{SECRET}');", "DELETE FROM t;")


def test_a_span_for_run_lock_file_and_statement(database_url: str, tmp_path: Path) -> None:
    three_files(tmp_path, database_url)
    exported = traced(tmp_path)
    tree = [(span["name"], span["parent"]) for span in exported["spans"]]
    first = [
        ("lock", "migrate primary"),
        ("CREATE TABLE", "upgrade 0001_t.sql"),
        ("upgrade 0001_t.sql", "migrate primary"),
        *[("INSERT", "upgrade 0002_rows.sql")] * 3,
        ("upgrade 0002_rows.sql", "migrate primary"),
        ("migrate primary", "deployment"),
    ]
    assert tree[: len(first)] == first
    assert tree[-4:] == [
        ("DELETE", "rollback 0002_rows.sql"),
        ("rollback 0002_rows.sql", "rollback primary"),
        ("rollback primary", "deployment"),
        ("deployment", None),
    ]
    spans = {span["name"]: span for span in exported["spans"]}
    attributes = spans["CREATE TABLE"]["attributes"]
    assert attributes["db.query.text"] == "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(?))"
    assert (attributes["dbwarden.statement"], attributes["dbwarden.line"]) == (1, 2)
    assert attributes["db.system.name"] in database_url or database_url.startswith("mysql")
    assert spans["upgrade 0002_rows.sql"]["attributes"]["dbwarden.statements.without_span"] == 2
    failed = spans["upgrade 0003_again.sql"]
    assert (failed["status"], failed["attributes"]["error.type"]) == ("ERROR", "MigrationFailed")
    assert failed["attributes"]["db.response.status_code"] and not failed["events"]
    assert SECRET not in str(exported) and "4711" not in spans["DELETE"]["whole"]


def test_metrics(sqlite_url: str, tmp_path: Path) -> None:
    three_files(tmp_path, sqlite_url)
    points = traced(tmp_path)["points"]
    values = {name: value for name, _, value, _ in points if value is not None}
    assert values == {"dbwarden.files.applied": 2, "dbwarden.files.failed": 1, "dbwarden.files.rolled_back": 1}
    runs = {
        (labels["dbwarden.command"], labels["dbwarden.outcome"]): count
        for name, labels, _, count in points
        if "run" in name
    }
    assert runs == {("migrate", "done"): 1, ("migrate", "failed"): 1, ("rollback", "done"): 1}
    counts = {name: 0 for name, *_ in points}
    for name, _, _, count in points:
        counts[name] += count or 0
    assert counts["dbwarden.lock.wait"] == 3 and counts["dbwarden.file.duration"] == 3
    assert counts["dbwarden.statement.duration"] == 7, "also of those without a span"


@pytest.mark.parametrize(("mode", "text"), [("full", f"INSERT INTO t VALUES (0, '{SECRET}')"), ("none", None)])
def test_statements_in_spans(mode: str, text: str | None, sqlite_url: str, tmp_path: Path) -> None:
    three_files(tmp_path, sqlite_url, trace_statements=mode)
    inserts = [span for span in traced(tmp_path)["spans"] if span["name"] == "INSERT"]
    assert inserts[0]["attributes"].get("db.query.text") == text


# -- the command line ---------------------------------------------------------------------------------------------


class Collector(ThreadingHTTPServer):
    """A collector that keeps what it gets by OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.requests: list[tuple[str, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Receiver(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def command(folder: Path, *argv: str, **more: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in environment().items() if not name.startswith("OTEL_")}
    return subprocess.run(
        [*COMMAND, *argv], cwd=folder, env=plain | more, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_command_exports_to_the_collector_of_the_environment(
    collector: Collector, sqlite_url: str, tmp_path: Path
) -> None:
    three_files(tmp_path, sqlite_url)
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    done = command(tmp_path, "migrate", "--json", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, TRACEPARENT=parent)
    assert done.returncode == 1 and json.loads(done.stdout)["error"]["code"] == "MigrationFailed"
    assert not done.stderr
    bodies: dict[str, bytes] = dict(collector.requests)
    traces = ExportTraceServiceRequest.FromString(bodies["/v1/traces"])
    resource = {pair.key: pair.value.string_value for pair in traces.resource_spans[0].resource.attributes}
    assert resource["service.name"] == "dbwarden"
    spans = traces.resource_spans[0].scope_spans[0].spans
    assert {span.trace_id.hex() for span in spans} == {parent.split("-")[1]}
    assert [span.parent_span_id.hex() for span in spans if span.name == "migrate primary"] == [parent.split("-")[2]]
    measured = ExportMetricsServiceRequest.FromString(bodies["/v1/metrics"])
    assert {"dbwarden.files.applied", "dbwarden.run.duration"} <= {
        metric.name for metric in measured.resource_metrics[0].scope_metrics[0].metrics
    }
    assert SECRET.encode() not in b"".join(bodies.values())


def test_a_collector_that_is_gone_changes_nothing_but_is_said(sqlite_url: str, tmp_path: Path) -> None:
    three_files(tmp_path, sqlite_url)
    gone = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_TIMEOUT": "0.5"}
    done = command(tmp_path, "migrate", "--count", "1", **gone)
    assert done.returncode == 0 and "1 migration applied" in done.stdout and "Failed to export" in done.stderr
    done = command(tmp_path, "migrate", "--count", "1", OTEL_TRACES_EXPORTER="nowhere")
    assert (
        done.returncode == 0
        and "Telemetry is not exported: no installed package has the exporter 'nowhere'" in done.stderr
    )


def in_a_process(folder: Path, program: str, **more: str) -> str:
    """What a program that applies one migration writes to stderr."""
    program = f"import sys\n{program}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


MIGRATE = "from dbwarden.cli.app import run\nassert run(['migrate', '--count', '1', '--json']) == 0\n"


def test_without_a_wish_nothing_is_imported(sqlite_url: str, tmp_path: Path) -> None:
    three_files(tmp_path, sqlite_url)
    heavy = "assert not {'opentelemetry.sdk', 'opentelemetry.trace', 'urllib.request'} & set(sys.modules)\n"
    assert in_a_process(tmp_path, MIGRATE + heavy) == ""


def test_a_package_that_is_missing_is_named(sqlite_url: str, tmp_path: Path) -> None:
    three_files(tmp_path, sqlite_url)
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    shown = in_a_process(tmp_path, f"sys.modules['opentelemetry.sdk'] = None\n{MIGRATE}", **endpoint)
    assert shown.startswith("Warning: Telemetry is not exported: opentelemetry.sdk")
    assert "pip install 'dbwarden[opentelemetry]'" in shown


@pytest.mark.parametrize(
    ("variables", "traces", "metrics"),
    [
        ({}, (), ()),
        ({"OTEL_SERVICE_NAME": "x"}, (), ()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c"}, ("otlp",), ("otlp",)),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_METRICS_EXPORTER": "none"}, ("otlp",), ()),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c"}, ("otlp",), ()),
        ({"OTEL_TRACES_EXPORTER": "console, otlp"}, ("console", "otlp"), ()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_SDK_DISABLED": "True"}, (), ()),
    ],
)
def test_what_the_environment_asks_for(
    variables: dict[str, str], traces: tuple[str, ...], metrics: tuple[str, ...]
) -> None:
    assert ExporterNames.of(variables) == ExporterNames(traces, metrics)
