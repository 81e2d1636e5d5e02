"""Options of running files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from dbwarden.core.observer import RunObserver
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.sqltext import SqlStatement
from dbwarden.core.store import Journal

from .connection import DatabaseConnection
from .interrupt import Interruption
from .table_runner import RunnerOptions


@dataclass(frozen=True, slots=True)
class ExecutionOptions:
    """Options of running files."""

    token: str
    """Token of the migration lock."""
    by: str
    """Who runs the files (``lock.identity``), for history."""
    tool_version: str
    on_statement: Callable[[int, int, SqlStatement], None] | None = None
    """Called before each statement with its number from 1, the file's number of statements, and the statement."""
    observer: RunObserver | None = None
    """Spans the file and its statements."""
    on_progress: Callable[[str], None] | None = None
    """Called with the progress, in words, of a statement that the server goes on with in the background."""
    assume: bool | None = None
    """Whether an interrupted statement had its effect, if the catalogue does not show it (``--assume``); None: raise."""
    connect_host: Callable[[str], DatabaseConnection] | None = None
    """Connects to a host of the cluster by its name; None: there is no cluster."""
    on_completed: Callable[[int, Sequence[str]], None] | None = None
    """Called with the number of a statement and the hosts on which it was completed."""
    stop: Interruption | None = None
    unfinished: Collection[str] | None = None
    """Keys of the migrations with journal entries of an earlier attempt; None: not known, so each file reads the journal."""
    tables: OwnTables = OwnTables()
    runners: RunnerOptions | None = None
    """How the runners that files name are started; None: their statements are executed as they are."""
    journal: Journal | None = None
    """Journal in place of the database's own; for databases that nobody else uses."""
    batched: bool = False
    """Whether to send the statements of a transaction many at a time; for databases that nobody else uses. If one
    fails, all of them run again one by one, so that the error names it."""
