"""Options that all files of one command share."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from dbwarden.core.own_tables import OwnTables
from dbwarden.core.sqltext import SqlStatement

from .interrupt import Interruption


@dataclass(frozen=True, slots=True)
class ExecutionOptions:
    """Options that all files of one command share: user, lock, interruption and progress."""

    token: str
    by: str
    tool_version: str
    on_statement: Callable[[int, int, SqlStatement], None] | None = None
    """Called before each statement with its number, their total, and the statement."""
    assume: bool | None = None
    """The answer where the database cannot tell whether an interrupted statement had its effect."""
    stop: Interruption | None = None
    unfinished: Collection[str] | None = None
    """The keys of the migrations of which an earlier attempt left journal rows; None: not known, each file looks."""
    tables: OwnTables = OwnTables()
    batched: bool = False
    """Whether the statements of a transaction are sent many at a time. For databases that nobody else uses: where one fails, all
    of them run again, one by one, so that it is known which."""
