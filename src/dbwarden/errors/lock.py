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


class LockLost(DBWardenError):
    """The migration lock was released by somebody else while this process held it"""

    exit_code = 3
    hint = "Stopped before the next change; what was not finished has been rolled back. See `dbwarden status`."
