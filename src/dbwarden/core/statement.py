"""Facts about SQL statements: locks, effects, reach, and recovery after an interruption."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, IntEnum

from .types import Ref


class Blocks(IntEnum):
    """The other sessions that wait while a statement holds its lock on an existing table; each value includes the lower ones."""

    NOTHING = 0
    DDL = 1
    """Statements that change the table's definition or maintain it (VACUUM)."""
    WRITERS = 2
    EVERYBODY = 3
    UNKNOWN = 4
    """Assume the worst."""


class Effect(Enum):
    """Effect of a statement on its targets."""

    CREATES = "creates"
    DROPS = "drops"
    DELETES_DATA = "deletes data"
    REWRITES = "rewrites"
    SCANS = "scans"
    WRITES_ROWS = "writes rows"
    CHANGES = "changes"


class Reach(IntEnum):
    """How far the effects of a statement reach.

    Only DATABASE may run in a scratch database on a shared server, because dropping the database undoes nothing else. The
    user's own functions are judged by the statement that creates them, not by the one that calls them.
    """

    DATABASE = 0
    """All effects end with the database."""
    UNKNOWN = 1
    """Effects that the text does not show: dynamic SQL (EXECUTE in a block or function), CALL, another language, an
    unknown statement."""
    SERVER = 2
    """Effects outside the database: roles, other databases, server settings, files, processes, another server."""


RENAME_TABLE = "rename table"
"""``Facts.action`` of a statement that renames ``targets[0]``, to ``targets[1]`` if there is one."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about one statement; ``known`` is false if the dialect does not know the statement."""

    known: bool = True
    blocks: Blocks = Blocks.UNKNOWN
    lock: str = ""
    """The engine's name of the lock."""
    effects: frozenset[Effect] = frozenset()
    transactional: bool = True
    """Whether it can run inside a transaction."""
    session: bool = False
    """Whether it is a session setting that a transaction would ignore; the dialect's transaction hooks run it."""
    targets: tuple[Ref, ...] = ()
    reach: Reach = Reach.DATABASE
    action: str = ""
    """The statement in a few words: ``create table``, ``create index concurrently``."""
    loss: str = field(default="", compare=False)
    """What is lost of rows that stay or that are not all of them, in words; empty if nothing or everything is."""
    copied_for: str = ""
    """What of the table makes the server copy it for whatever changes; empty if the statement alone decides."""


class Evidence(Enum):
    """Evidence of whether a statement that was interrupted outside a transaction had its effect."""

    CATALOGUE = "catalogue"
    """The catalogue shows it."""
    REPEATABLE = "repeatable"
    """None needed: running it twice has the same result as running it once."""
    NONE = "none"
    """No evidence: a person has to decide."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """How a later run recovers from a statement that was interrupted outside a transaction."""

    evidence: Evidence = Evidence.NONE
    leftover: str = ""
    """What a failed attempt leaves behind, in words ("an invalid index"); the probe removes it."""
    creates: tuple[Ref, ...] = ()
    """New objects, if the statement does nothing else, fails where one of them exists, and ends at once where the tables are
    new to which they belong; the catalogue shows by itself whether it had its effect. Names are in lower case; objects whose
    names must differ have the same kind."""
