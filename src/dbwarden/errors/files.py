"""Errors of migration files, their folder and their history."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .base import ConfigurationError, DBWardenError, Refused

if TYPE_CHECKING:
    from pathlib import Path


class SqlTextError(ConfigurationError):
    """line {line}, column {column}: {reason}"""

    line: int
    column: int
    reason: str


class FileFormatError(ConfigurationError):
    """{file}:{line}:{column}: {reason}"""

    file: str
    line: int
    column: int
    reason: str


class FileNameError(FileFormatError):
    """{file} is not the name of a migration: {reason}"""


class MissingMigrations(ConfigurationError):
    """There is no migrations folder {folder} for the database {database}"""

    folder: str
    database: str

    hint = (
        "Is it missing from this image or checkout? The setting migrations_dir says where it is. In a new project"
        " `dbwarden make-migrations -d {database}` creates it and writes the first migration."
    )


class MissingSeeds(ConfigurationError):
    """There is no folder of seeds {folder} for the database {database}"""

    folder: str
    database: str

    hint = (
        "Is it missing from this image or checkout? The setting seeds_dir says where it is. `dbwarden seed create NAME -d"
        " {database}` creates it and writes the first seed."
    )


class DuplicateVersion(ConfigurationError):
    """Migration {version} exists more than once: {files}"""

    version: str
    files: str

    hint = "If a merge brought them together, `dbwarden renumber` gives the newer one the next number."


class NumberUndecided(ConfigurationError):
    """{pairs}: which of them keeps its number cannot be told {reason}"""

    pairs: str
    reason: str

    hint = "Name the one that keeps it: `dbwarden renumber --keep FILE`, or the branch that has it: `--base REF`."


class StateMergeConflict(DBWardenError):
    """Both branches changed {objects} in different ways; {file} has conflict markers"""

    objects: str
    file: str

    hint = "Resolve the conflict in the models, then write the file again: `dbwarden export-models`."


class NumberInUse(Refused):
    """{first} and {second} have one number, and both have to keep it: {first_reason}, {second_reason}"""

    first: str
    first_reason: str
    second: str
    second_reason: str

    hint = (
        "Roll one of them back where it is applied (`dbwarden rollback`), or name the commit before the merge with --base,"
        " then run `dbwarden renumber` again."
    )


class FileExists(ConfigurationError):
    """{path} exists already; nothing was written"""

    path: str

    hint = "Write to another place with --out, or replace it with --force."


class UnknownVersion(ConfigurationError):
    """There is no migration {version}{nearest}"""

    version: str
    nearest: str


class TransactionControl(ConfigurationError):
    """{file}:{line}: {excerpt}: a migration does not control transactions itself"""

    file: str
    line: int
    excerpt: str

    hint = "Remove the statement: each file runs in one transaction, or, with `-- transaction: off`, without any."


class ImplicitCommit(ConfigurationError):
    """{file}:{line}: {excerpt}: this statement commits by itself, so that the file cannot be one transaction"""

    file: str
    line: int
    excerpt: str

    hint = "Remove `-- transaction: on`: the journal then records each statement, and a run that stops continues at the right one."


class SessionNeeded(ConfigurationError):
    """{file}:{line}: this statement changes the session for later transactions, but the connection goes through a pooler,
    which may run each of them in another session: {excerpt}"""

    file: str
    line: int
    excerpt: str

    hint = "Connect to the server directly, or use SET LOCAL in a file that runs in one transaction."


class DependencyMissing(ConfigurationError):
    """{file} depends on {dependency}, {reason}"""

    file: str
    dependency: str
    reason: str


class DependencyCycle(ConfigurationError):
    """Migrations depend on each other in a circle: {circle}"""

    circle: str

    hint = "Remove one of these dependencies from its `-- depends_on` header."


class GitFailed(ConfigurationError):
    """Cannot determine what is new since {base}: {reason}"""

    base: str
    reason: str

    hint = "In CI the clone may be shallow: fetch the whole history (with actions/checkout: `fetch-depth: 0`)."


class EditedMigration(DBWardenError):
    """{file} was changed after it was applied: recorded checksum {recorded}, checksum of the file now {current}{others}"""

    file: str
    recorded: str
    current: str
    others: str

    hint = (
        "Nothing was executed. Restore the file as it was applied (for example from git) and put the change into a new"
        " migration; or roll it back with `dbwarden rollback` and apply it again."
    )


class VanishedMigration(DBWardenError):
    """{file} was applied, but the file is gone{others}"""

    file: str
    others: str

    stopped: ClassVar[str] = (
        "Nothing was executed. It stopped in the middle: restore the file (another branch, git) to finish it."
    )

    hint = (
        "Nothing was executed. Restore the file (another branch, git), or roll it back with `dbwarden rollback`:"
        " the rollback SQL is stored in the database."
    )


class EmptyMigration(ConfigurationError):
    """{file} has no statement to apply"""

    file: str

    hint = "Write the statements under `-- upgrade`, or remove the file. If it is to do nothing, write `SELECT 1;`."


class FolderError(DBWardenError):
    """{folder}: {reason}"""

    folder: Path
    reason: str
