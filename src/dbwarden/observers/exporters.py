"""Exporters of OpenTelemetry for the command line, set up from the standard environment variables (``OTEL_...``).

An application sets up its own; this is for a process that is ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OTLP = "otlp"
_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
PATIENCE = 3
"""Seconds for sending at the end of a command, unless the environment says otherwise: ten by OpenTelemetry's own default,
for spans and metrics each, is long when the collector is gone."""


@dataclass(frozen=True, slots=True)
class ExporterNames:
    """Names of exporters that the environment asks for (``otlp``, ``console``)."""

    traces: tuple[str, ...]
    metrics: tuple[str, ...]

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> ExporterNames:
        """Read the names from the environment; none if it does not ask for telemetry, or disables it."""
        if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
            return cls((), ())
        return cls(_names(environment, "TRACES"), _names(environment, "METRICS"))

    def __bool__(self) -> bool:
        return bool(self.traces or self.metrics)


def _names(environment: Mapping[str, str], signal: str) -> tuple[str, ...]:
    text = environment.get(f"OTEL_{signal}_EXPORTER", "").strip()
    if not text:
        endpoints = (_ENDPOINT, f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
        return (OTLP,) if any(environment.get(name, "").strip() for name in endpoints) else ()
    return tuple(name.strip() for name in text.split(",") if name.strip() not in ("", "none"))


def set_up(names: ExporterNames, environment: Mapping[str, str], tool_version: str) -> str | None:
    """Set up the process's providers with these exporters. Returns why that is not possible, or ``None``.

    Providers that are there already (``opentelemetry-instrument``) stay. They export what is left when the process ends.
    """
    try:
        from opentelemetry import metrics, trace
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        return f"{error.name or error} is not installed: pip install 'dbwarden[opentelemetry]'"
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        return None
    try:
        resource = Resource.create({"service.version": tool_version} | _service_name(environment))
        spans = [BatchSpanProcessor(exporter) for exporter in _exporters("traces", names.traces, environment)]
        readers = [
            exporter if isinstance(exporter, MetricReader) else PeriodicExportingMetricReader(exporter)
            for exporter in _exporters("metrics", names.metrics, environment)
        ]
    except (ImportError, LookupError, OSError, RuntimeError, TypeError, ValueError) as error:
        return " ".join(str(error).split()) or type(error).__name__
    if spans:
        provider = TracerProvider(resource=resource)
        for processor in spans:
            provider.add_span_processor(processor)
        trace.set_tracer_provider(provider)
    if readers:
        metrics.set_meter_provider(MeterProvider(readers, resource))
    return None


def _service_name(environment: Mapping[str, str]) -> dict[str, str]:
    """Name of the service, unless the environment names it."""
    named = environment.get("OTEL_SERVICE_NAME") or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return {} if named else {"service.name": "dbwarden"}


def _exporters(signal: str, names: Sequence[str], environment: Mapping[str, str]) -> list[Any]:
    """Make exporters by the names under which packages register them. Raises ``LookupError``."""
    from importlib.metadata import entry_points  # deferred: it takes 13 ms

    made = []
    for name in names:
        registered = _registered(signal, environment) if name == OTLP else name
        exporters = [*entry_points(group=f"opentelemetry_{signal}_exporter", name=registered)]
        if not exporters:
            raise LookupError(f"no installed package has the exporter {registered!r} for {signal}")
        more = {"timeout": PATIENCE} if name == OTLP and not _has_timeout(signal, environment) else {}
        made.append(exporters[0].load()(**more))
    return made


def _registered(signal: str, environment: Mapping[str, str]) -> str:
    """Name under which the OTLP exporter of the environment's protocol is registered."""
    own = environment.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_PROTOCOL")
    protocol = own or environment.get("OTEL_EXPORTER_OTLP_PROTOCOL") or "http/protobuf"
    return {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}.get(protocol, protocol)


def _has_timeout(signal: str, environment: Mapping[str, str]) -> bool:
    names = ("OTEL_EXPORTER_OTLP_TIMEOUT", f"OTEL_EXPORTER_OTLP_{signal.upper()}_TIMEOUT")
    return any(environment.get(name) for name in names)
