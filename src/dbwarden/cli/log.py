"""Output of the log on stderr: as text for ``--debug``, as JSON for ``--log-format json``."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .streams import json_safe

_OURS = "dbwarden"
_STANDARD = frozenset((*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"))
"""Attributes that every record has; all others are fields of ours (``extra``)."""


class _DiagnosticsHandler(logging.Handler):
    """Handler that shows records like other diagnostics."""

    def __init__(self, show: Callable[[str], None]) -> None:
        super().__init__(logging.DEBUG)
        self.show = show
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record."""
        self.show(self.format(record))


class _JsonHandler(logging.Handler):
    """Handler that writes each record as a JSON object on a line of its own."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        fields = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            fields["exception"] = logging.Formatter().formatException(record.exc_info)
        at = datetime.fromtimestamp(record.created, UTC)
        write_json(record.levelname.lower(), record.getMessage(), record.name, at, **fields)


def write_json(level: str, message: str, logger: str = "dbwarden.cli", at: datetime | None = None, **more: Any) -> None:
    """Write one line of the log to stderr. Fields that are ``None`` are left out."""
    time = (at or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"time": time, "level": level, "logger": logger, "message": message}
    line |= {name: value for name, value in more.items() if value is not None}
    sys.stderr.write(json_safe(json.dumps(line, ensure_ascii=False, default=str)) + "\n")
    sys.stderr.flush()


def show_log(show: Callable[[str], None]) -> None:
    """Show all log records by ``show``, which replaces that of an earlier call."""
    _remove_handlers()
    logger = logging.getLogger(_OURS)
    logger.addHandler(_DiagnosticsHandler(show))
    logger.setLevel(logging.DEBUG)


def write_log(debug: bool) -> None:
    """Write the log as JSON from the level INFO on, or with ``debug`` all of it; also the warnings of libraries. Replaces the
    output of an earlier call."""
    _remove_handlers()
    logging.getLogger().addHandler(_JsonHandler())
    logging.getLogger(_OURS).setLevel(logging.DEBUG if debug else logging.INFO)
    logging.captureWarnings(True)


def _remove_handlers() -> None:
    for logger in (logging.getLogger(), logging.getLogger(_OURS)):
        for former in [one for one in logger.handlers if isinstance(one, _DiagnosticsHandler | _JsonHandler)]:
            logger.removeHandler(former)
