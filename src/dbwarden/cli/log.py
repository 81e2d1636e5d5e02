"""Output of the log on stderr, for ``--debug``."""

from __future__ import annotations

import logging
from collections.abc import Callable


class _DiagnosticsHandler(logging.Handler):
    """Handler that shows records like other diagnostics."""

    def __init__(self, show: Callable[[str], None]) -> None:
        super().__init__(logging.DEBUG)
        self.show = show
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record."""
        self.show(self.format(record))


def show_log(show: Callable[[str], None]) -> None:
    """Show all log records by ``show``, which replaces that of an earlier call."""
    logger = logging.getLogger("dbwarden")
    for handler in [handler for handler in logger.handlers if isinstance(handler, _DiagnosticsHandler)]:
        logger.removeHandler(handler)
    logger.addHandler(_DiagnosticsHandler(show))
    logger.setLevel(logging.DEBUG)
