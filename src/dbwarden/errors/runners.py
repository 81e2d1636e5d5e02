"""Errors of programs that run ALTER TABLE (``-- runner``)."""

from __future__ import annotations

from .base import ConfigurationError, DBWardenError
from .database import DatabaseError

_INSTEAD = "or remove the line `-- runner: {runner}` from the file to execute a plain ALTER TABLE."


class UnknownRunner(ConfigurationError):
    """{file} names the runner '{runner}', {reason}"""

    file: str
    runner: str
    reason: str
    known: str

    hint = f"Nothing was executed. Known are {{known}}. Name one of them, give its command in the setting `runners`, {_INSTEAD}"


class MissingRunner(ConfigurationError):
    """{file} names the runner {runner}, whose program is not installed: {program} is not on PATH"""

    file: str
    runner: str
    program: str
    database: str

    hint = (
        "Nothing was executed. Install it; or say where it is, in the setting `runners` of database '{database}'"
        f" (`dbwarden settings show`); {_INSTEAD}"
    )


class RunnerRefused(ConfigurationError):
    """{file}:{line}: {excerpt}: this cannot run through {runner}: {reason}"""

    file: str
    line: int
    excerpt: str
    runner: str
    reason: str

    hint = f"Put the statement into a migration of its own without that header, {_INSTEAD}"


class RunnerUnfinished(DBWardenError):
    """{file}:{line}: a program is at work on {table}, or stopped without cleaning up"""

    file: str
    line: int
    table: str
    statements: str

    hint = (
        "If it is still running, wait for it. If it is not, remove what it left, in this order, and run the same command"
        " again:\n    {statements}"
    )


class RunnerFailed(DatabaseError):
    """{message}"""

    hint = "`dbwarden check` names the tables that it left, if any."
