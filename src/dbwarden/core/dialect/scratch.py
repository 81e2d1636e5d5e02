"""Role of a dialect: scratch databases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from .identity import DialectIdentity

if TYPE_CHECKING:  # what the interfaces only name: a command that connects needs none of it
    from ..model import Table
    from .connection import Connection


@dataclass(frozen=True, slots=True)
class ScratchRequest:
    """A request for an empty database of the same dialect that stands in for another one."""

    name: str
    """Unique name for the scratch database; encodes host, process and start time so that other runs can recognise an
    abandoned one."""
    is_abandoned: Callable[[str], bool]
    """Whether the run that made a name has certainly ended, so that the database of that name may be removed."""
    open: Callable[[str], Connection]
    """Opens a connection to a URL."""
    conn: Connection | None = None
    """The database that the scratch stands in for; ``None`` if that cannot be reached."""
    sandbox_url: str | None = None
    """The configured sandbox, which is tried first."""
    template: str | None = None
    """Name of a database on the same server to copy, where ``Features.copies_databases``; else the scratch is empty."""
    needs_own_server: str | None = None
    """Why a shared server is not allowed, in words: the statement with effects beyond its database."""


@dataclass(frozen=True, slots=True)
class ScratchProvider:
    """One way to get a scratch database."""

    description: str
    """The way in words: ``a temporary database on the same server``."""
    open: Callable[[], AbstractContextManager[Connection]]
    """Creates the scratch database and removes it at the end. Raises ``Unsupported`` or ``DatabaseError`` if this way is
    not available."""
    own_server: bool = False
    """Whether the server has no other databases, so that effects beyond the database do no harm."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Statements that copy a table's rows unchanged into the same table of another database."""

    columns: tuple[str, ...]
    """Columns to copy, without those that the engine computes."""
    select: str
    """SELECT without WHERE."""
    into: str
    """INSERT up to VALUES."""
    values: tuple[str, ...]
    """The expression for each column, with the parameter ``:c0``, ``:c1``, ..."""
    finish: tuple[str, ...] = ()
    """SQL to run after the last row: sets counters so that they continue after the copied rows."""
    source: str = ""
    """What qualifies the names of the table's own columns in ``select``."""
    settings: tuple[str, ...] = ()
    """Statements before ``select``, in its transaction, so that other sessions read the values in the same way."""

    @property
    def insert(self) -> str:
        """INSERT with a parameter for each column."""
        return f"{self.into} VALUES ({', '.join(self.values)})"


class ScratchDialect(DialectIdentity, Protocol):
    """Scratch databases."""

    def scratch_providers(self, request: ScratchRequest) -> Sequence[ScratchProvider]:
        """The ways to get a scratch database, the best one first; each also removes the databases of killed runs."""

    def first_object(self, conn: Connection) -> str | None:
        """A user's object in this database, in words; ``None`` if the database is empty."""

    def clear(self, conn: Connection) -> None:
        """Drop all user objects in this database. Only for scratch databases."""

    def transfer(self, table: Table) -> Transfer:
        """Statements that copy the rows of ``table`` into a scratch database."""
