"""Table locks of PostgreSQL (manual, section 13.3.1), and whom each blocks."""

from __future__ import annotations

from enum import IntEnum

from dbwarden.core.statement import Blocks, Facts


class Lock(IntEnum):
    """Lock that a statement takes on an existing table, weakest first."""

    NONE = 0
    ACCESS_SHARE = 1
    ROW_EXCLUSIVE = 3
    SHARE_UPDATE_EXCLUSIVE = 4
    SHARE = 5
    SHARE_ROW_EXCLUSIVE = 6
    EXCLUSIVE = 7
    ACCESS_EXCLUSIVE = 8
    UNKNOWN = 9

    @property
    def blocks(self) -> Blocks:
        """Sessions that the lock blocks; the locks of ordinary reads and writes count as blocking none."""
        match self:
            case Lock.NONE | Lock.ACCESS_SHARE | Lock.ROW_EXCLUSIVE:
                return Blocks.NOTHING
            case Lock.SHARE_UPDATE_EXCLUSIVE:
                return Blocks.DDL
            case Lock.ACCESS_EXCLUSIVE:
                return Blocks.EVERYBODY
            case Lock.UNKNOWN:
                return Blocks.UNKNOWN
        return Blocks.WRITERS


WORDS = ["" for _ in range(max(Lock) + 1)]
"""Names as in the manual and in LOCK TABLE (``ACCESS EXCLUSIVE``), by the number of the lock."""
for _lock in Lock:
    WORDS[_lock] = _lock.name.replace("_", " ")


def lock_of(facts: Facts) -> Lock:
    """Lock named in the facts."""
    return Lock[facts.lock.replace(" ", "_")] if facts.lock else Lock.UNKNOWN
