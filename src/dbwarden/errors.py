"""Every error that DBWarden raises on purpose.

The docstring of a class is its message, with the instance's attributes filled in; ``hint`` says what to type next;
``exit_code`` is what the command line ends with (see docs/reference/exit-codes.md).

    DBWardenError                 1
    ├── ConfigurationError        2   configuration, models, files, flags: nothing was touched
    ├── LockHeld                  3   somebody else migrates
    └── Refused                   5   possible, but unsafe

Adapters define nothing else: a new error is a class here.
"""

from __future__ import annotations

from typing import Any, ClassVar


class DBWardenError(Exception):
    """{message}"""

    exit_code: ClassVar[int] = 1
    hint: str | None = None

    def __init__(self, message: str | None = None, *, hint: str | None = None, **data: Any) -> None:
        self.data: dict[str, Any] = data if message is None else {"message": message, **data}
        for key, value in data.items():
            setattr(self, key, value)
        template = type(self).__doc__ or "{message}"
        self.message = message if message is not None else " ".join(template.split()).format(**self.data)
        if hint is not None:
            self.hint = hint
        elif self.hint is not None:
            self.hint = self.hint.format(**self.data)
        super().__init__(self.message)

    @property
    def code(self) -> str:
        """The stable name of the error in ``--json`` output: the class name."""
        return type(self).__name__


# -- 2: wrong usage or configuration ------------------------------------------------------------------------------


class ConfigurationError(DBWardenError):
    """{message}"""

    exit_code = 2


class UsageError(ConfigurationError):
    """{message}"""


class SqlTextError(ConfigurationError):
    """line {line}, column {column}: {reason}"""


class FileFormatError(ConfigurationError):
    """{file}:{line}:{column}: {reason}"""


class FileNameError(FileFormatError):
    """{file} is not the name of a migration: {reason}"""


class DuplicateVersion(ConfigurationError):
    """Migration {version} exists more than once: {files}"""

    hint = "Rename or remove all but one of them."


class UnknownVersion(ConfigurationError):
    """There is no migration {version}{nearest}"""


class DependencyMissing(ConfigurationError):
    """{file} depends on {dependency}, {reason}"""


class DependencyCycle(ConfigurationError):
    """Migrations depend on each other in a circle: {circle}"""

    hint = "Take one of these out of its `-- depends_on` header."


# -- 1: the work itself failed ------------------------------------------------------------------------------------


class Unsupported(DBWardenError):
    """{what} is not supported by {dialect}: {reason}"""


class Irreversible(DBWardenError):
    """{what} cannot be rolled back: {reason}"""


class EditedMigration(DBWardenError):
    """{file} was changed after it was applied: recorded checksum {recorded}, checksum of the file now {current}{others}"""

    hint = (
        "Nothing was executed. Restore the file as it was applied (for example from git) and put the change into a new"
        " migration; or roll it back with `dbwarden rollback` and apply it again."
    )


class VanishedMigration(DBWardenError):
    """{file} was applied, but the file is gone{others}"""

    hint = (
        "Nothing was executed. Restore the file (another branch, git), or return with `dbwarden rollback`:"
        " the rollback SQL is stored in the database."
    )


class UnfinishedRollback(DBWardenError):
    """The rollback of {file} stopped at statement {statement} of {total}"""

    hint = "Finish it with `dbwarden rollback` first."


class MissingRollback(DBWardenError):
    """{file} cannot be rolled back: {reason}"""

    hint = (
        "Write the statements under `-- rollback`, or state with `-- irreversible: <reason>` before `-- upgrade`"
        " that there is no way back."
    )


class BaselinedRollback(DBWardenError):
    """{file} was marked as applied by --baseline and never executed here, so it is not rolled back by SQL"""


class StillNeeded(DBWardenError):
    """{file} cannot be rolled back alone: {dependent} is applied and depends on it"""

    hint = "Roll back {dependent} as well, with a lower --to-version."


class DatabaseError(DBWardenError):
    """{message}"""


class ConnectionFailed(DatabaseError):
    """Cannot connect to {url}: {reason}"""


# -- 3: locked ----------------------------------------------------------------------------------------------------


class LockHeld(DBWardenError):
    """{message}"""

    exit_code = 3


# -- 5: refused ---------------------------------------------------------------------------------------------------


class Refused(DBWardenError):
    """{message}"""

    exit_code = 5
