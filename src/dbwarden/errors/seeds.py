"""Errors of seeds. Each stands for the error of a migration in the same situation, with the words and commands of seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from .base import ConfigurationError, DBWardenError, Refused
from .files import (
    DependencyMissing,
    DuplicateVersion,
    EditedMigration,
    EmptyMigration,
    UnknownVersion,
    VanishedMigration,
)
from .rollback import DependentApplied, MissingRollback, NothingToRollBack, UnsafeRollback
from .running import UnfinishedRollback, UnfinishedUpgrade, UnsafeMigration


class EditedSeed(DBWardenError):
    """{file} was changed after it was applied: recorded checksum {recorded}, checksum of the file now {current}{others}"""

    file: str
    recorded: str
    current: str
    others: str

    hint = (
        "Nothing was executed. Restore the file as it was applied (git) and put the change into a new seed; or roll it back with"
        " `dbwarden seed rollback` and apply it again. A seed that is to run whenever it changes is called ROC__NAME."
    )


class VanishedSeed(DBWardenError):
    """{file} stopped in the middle of an earlier run, and the file is gone{others}"""

    file: str
    others: str

    hint = "Nothing was executed. Restore the file (another branch, git) to finish it."


class UnfinishedSeed(DBWardenError):
    """{file} stopped in an earlier run before statement {statement} of {total} was done"""

    file: str
    statement: int
    total: int

    hint = "Nothing else runs before it is finished: `dbwarden seed apply` continues it."


class UnfinishedSeedRollback(DBWardenError):
    """The rollback of {file} stopped in an earlier run before statement {statement} of {total} was done"""

    file: str
    statement: int
    total: int

    hint = "Nothing else runs before it is finished: `dbwarden seed rollback` continues it."


class UnknownSeed(ConfigurationError):
    """There is no seed {version}{nearest}"""

    version: str
    nearest: str

    hint = "`dbwarden seed list` shows the seeds."


class DuplicateSeed(ConfigurationError):
    """Seed {version} exists more than once: {files}"""

    version: str
    files: str

    hint = "Rename or remove all but one of them."


class SeedDependency(ConfigurationError):
    """The seed {file} depends on {dependency}, {reason}"""

    file: str
    dependency: str
    reason: str


class EmptySeed(ConfigurationError):
    """{file} has no statement to apply"""

    file: str

    hint = "Write the statements under `-- upgrade`, or remove the file."


class SeedWithoutRollback(DBWardenError):
    """{file} cannot be rolled back: {reason}"""

    file: str
    reason: str

    hint = (
        "Write the statements under `-- rollback` (in Python, a function `rollback(session)`), or state that it cannot be rolled"
        ' back: `-- irreversible: <reason>`, in Python `irreversible = "<reason>"`. Code of a Python seed is not stored in the'
        " database."
    )


class NoSeedApplied(DBWardenError):
    """Nothing to roll back: no seed is applied in database {database}"""

    database: str


class DependentSeed(DBWardenError):
    """{file} cannot be rolled back alone: the seed {dependent} is applied and depends on it"""

    file: str
    dependent: str

    hint = "Roll back {dependent} as well, with a lower --to-version."


class UnsafeSeed(Refused):
    """Refused: {count} critical {findings} in the pending seeds of {database}

    {listed}"""

    count: int
    findings: str
    database: str
    rule: str

    hint = (
        "Nothing was executed. `dbwarden check --explain {rule}` says what to do instead. Apply it anyway with --force, or"
        " write `-- dbwarden: ignore {rule}: <reason>` before the statement."
    )


class UnsafeSeedRollback(Refused):
    """Refused: the rollback of seeds in database {database} destroys data

    {listed}"""

    count: int
    findings: str
    database: str
    rule: str

    hint = (
        "Nothing was executed. Roll back anyway with --force; or write `-- dbwarden: ignore {rule}: <reason>` before the"
        " statement."
    )


class UnknownTable(ConfigurationError):
    """There is no table {table} in database {database}{nearest}"""

    table: str
    database: str
    nearest: str


class UnkeyedTable(DBWardenError):
    """The rows of {table} cannot be exported: {reason}"""

    table: str
    reason: str

    hint = "A seed must recognise the rows that are there already, by a primary key or by unique columns that are NOT NULL."


_OF_MIGRATIONS: Mapping[type[DBWardenError], type[DBWardenError]] = {
    EditedMigration: EditedSeed,
    VanishedMigration: VanishedSeed,
    UnfinishedUpgrade: UnfinishedSeed,
    UnfinishedRollback: UnfinishedSeedRollback,
    UnknownVersion: UnknownSeed,
    DuplicateVersion: DuplicateSeed,
    DependencyMissing: SeedDependency,
    EmptyMigration: EmptySeed,
    MissingRollback: SeedWithoutRollback,
    NothingToRollBack: NoSeedApplied,
    DependentApplied: DependentSeed,
    UnsafeMigration: UnsafeSeed,
    UnsafeRollback: UnsafeSeedRollback,
}


@contextmanager
def errors_of_seeds() -> Iterator[None]:
    """Context that raises the error of seeds in place of the one of migrations, with the same fields."""
    try:
        yield
    except DBWardenError as error:
        kind = _OF_MIGRATIONS.get(type(error))
        if kind is None:
            raise
        raise seed_error(kind, error) from None


def seed_refusal(refusal: Refused) -> Refused:
    """A refusal in the words of seeds."""
    error = seed_error(_OF_MIGRATIONS[type(refusal)], refusal)
    assert isinstance(error, Refused)
    return error


def seed_error(kind: type[DBWardenError], error: DBWardenError) -> DBWardenError:
    """An error of ``kind`` with the fields of ``error``."""
    fields = {name: getattr(error, name) for name in kind._fields if hasattr(error, name)}
    if "nearest" in fields:
        fields["nearest"] = fields["nearest"].replace("there are no migrations", "there are none")
    return kind(**fields)
