"""Errors of the migration lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base import DBWardenError

if TYPE_CHECKING:
    from dbwarden.core.dialect import Holder, Liveness


class LockHeld(DBWardenError):
    """{message}"""

    holder: Holder | None = None
    age: float | None = None
    liveness: Liveness | None = None

    exit_code = 3


class LockUnavailable(DBWardenError):
    """This server cannot give a migration lock: {reason}"""

    reason: str

    exit_code = 5
    hint = (
        'Set `lock = "none"` in the configuration to migrate without one. Nothing then stops two runs at the same time: make'
        " sure that only one place runs migrations."
    )


class LockLost(DBWardenError):
    """The migration lock was released by somebody else while this process held it"""

    exit_code = 3
    hint = "Stopped before the next change; what was not finished has been rolled back. See `dbwarden status`."
