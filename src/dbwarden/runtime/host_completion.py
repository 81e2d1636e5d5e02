"""Completion of a statement that only a part of a cluster has executed.

The hosts were asked one by one (``Dialect.probe``). Those that lack the effect get the statement over connections of their own;
where a host does not show whether it has the effect, ``--assume`` answers. The journal has the *intent* of the statement until all
hosts have it, so that a run that is killed here asks the hosts again. Before each host the migration lock is checked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dbwarden.core.dialect import Dialect, PartialExecution
from dbwarden.errors import PartlyExecuted, Unsupported

from .connection import DatabaseConnection
from .execution_options import ExecutionOptions
from .stores import lock_store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HostCompletion:
    """Completes statements of a file on the hosts that lack them."""

    conn: DatabaseConnection
    dialect: Dialect
    options: ExecutionOptions
    report: Callable[[str], None]
    """Takes the progress in words; may raise to end the waiting."""

    def run(
        self, number: int, sql: str, error: PartlyExecuted, since: datetime | None, settings: Sequence[str]
    ) -> bool:
        """Whether all hosts have the effect now; false if the statement is to run everywhere.

        ``settings`` are the statements of the file that changed the session before. Raises ``PartlyExecuted`` if nobody can tell.
        """
        assume = self.options.assume
        if error.unknown and assume is None:
            raise error
        if assume and not error.unknown:  # a person accepts the hosts as they are
            return True
        executed = (*error.done, *(error.unknown if assume else ()))
        missing = (*error.left, *(() if assume else error.unknown))
        if not executed:
            return False
        if missing:
            self._complete(number, sql, PartialExecution(executed, missing, since), error, settings)
        return True

    def _complete(
        self, number: int, sql: str, partial: PartialExecution, error: PartlyExecuted, settings: Sequence[str]
    ) -> None:
        connect_host = self.options.connect_host
        if connect_host is None:
            raise error

        def connect(host: str) -> DatabaseConnection:
            lock_store(self.conn, self.dialect, self.options.tables).check_held(self.options.token)
            conn = connect_host(host)
            for text in settings:
                conn.execute(text)
            return conn

        try:
            hosts = self.dialect.complete(self.conn, sql, partial, connect, self.report)
        except Unsupported as refusal:
            raise PartlyExecuted.of(error.statement, partial.executed, partial.missing) from refusal
        _log.info("statement %d completed on %s", number, ", ".join(hosts) or "no further host")
        if hosts and self.options.on_completed is not None:
            self.options.on_completed(number, hosts)
