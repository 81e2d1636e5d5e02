"""Errors of rolling back."""

from __future__ import annotations

from .base import ConfigurationError, DBWardenError, Refused


class Irreversible(DBWardenError):
    """{subject} cannot be rolled back: {reason}"""

    subject: str
    reason: str


class MissingRollback(DBWardenError):
    """{file} cannot be rolled back: {reason}"""

    file: str
    reason: str

    hint = (
        "Write the statements under `-- rollback`, or state with `-- irreversible: <reason>` before `-- upgrade`"
        " that it cannot be rolled back."
    )


class RollbackExists(ConfigurationError):
    """{file} has a rollback already; nothing was written"""

    file: str

    hint = "`dbwarden check --prove {file}` tries it out. --force replaces it."


class NoRollbackMade(DBWardenError):
    """No rollback could be written for {file}: {reasons}"""

    file: str
    reasons: str

    hint = "Nothing was written. {advice}"
    advice: str = ""


class NothingToRollBack(DBWardenError):
    """Nothing to roll back: no migration is applied in database {database}"""

    database: str


class BaselinedRollback(DBWardenError):
    """{file} was marked as applied by --baseline and never executed here, so it is not rolled back by SQL"""

    file: str


class DependentApplied(DBWardenError):
    """{file} cannot be rolled back alone: {dependent} is applied and depends on it"""

    file: str
    dependent: str

    hint = "Roll back {dependent} as well, with a lower --to-version."


class UnsafeRollback(Refused):
    """Refused: the rollback in database {database} destroys data

    {listed}"""

    count: int
    findings: str
    database: str
    rule: str

    hint = (
        "Nothing was executed. Roll back anyway with --force; --with-backup saves the database first, for `dbwarden restore`."
        " To allow an intended loss, write `-- dbwarden: ignore {rule}: <reason>` before the statement."
    )
