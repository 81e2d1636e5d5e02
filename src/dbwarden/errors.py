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

from collections.abc import Sequence
from enum import Enum
from inspect import get_annotations
from string import Formatter
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from pathlib import Path


def _lines(template: str) -> str:
    """A docstring as a message: one line, and an indented one for each further paragraph."""
    return "\n    ".join(" ".join(paragraph.split()) for paragraph in template.split("\n\n"))


def text_of(error: BaseException) -> str:
    """What an exception of the user's code says; its own ``__str__`` may fail, too."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the user's code may raise anything
        return "(its text cannot be shown)"


class DBWardenError(Exception):
    """{message}"""

    exit_code: ClassVar[int] = 1
    message: str
    hint: str | None = None
    in_doubt: bool = False
    """Whether a statement may still have its effect: then the lock stays."""
    ran: tuple[Any, ...] | None = None
    """The files that were finished before, where some were to run."""

    _fields: ClassVar[frozenset[str]] = frozenset(("in_doubt", "ran"))

    def __init_subclass__(cls) -> None:
        cls._fields = cls._fields.union(get_annotations(cls))

    def __init__(self, message: str | None = None, *, hint: str | None = None, **fields: object) -> None:
        """``fields`` are the annotated attributes of the class; those without a default are needed where no ``message``
        stands in for the docstring's."""
        for name, value in fields.items():
            if name not in self._fields:
                raise TypeError(f"{type(self).__name__} has no field {name!r}")
            setattr(self, name, value)
        self.message = message if message is not None else self._filled(_lines(type(self).__doc__ or ""))
        if hint is not None:
            self.hint = hint
        elif self.hint is not None:
            self.hint = self._filled(self.hint)
        super().__init__(self.message)

    def _filled(self, template: str) -> str:
        names = [name for _, name, _, _ in Formatter().parse(template) if name]
        return template.format(**{name: getattr(self, name) for name in names})

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
        " `dbwarden make-migrations -d {database}` makes it and writes the first migration."
    )


class DuplicateVersion(ConfigurationError):
    """Migration {version} exists more than once: {files}"""

    version: str
    files: str

    hint = "Rename or remove all but one of them."


class UnknownVersion(ConfigurationError):
    """There is no migration {version}{nearest}"""

    version: str
    nearest: str


class TransactionControl(ConfigurationError):
    """{file}:{line}: {excerpt}: a migration does not control transactions itself"""

    file: str
    line: int
    excerpt: str

    hint = "Take the statement out: each file runs in one transaction, or, with `-- transaction: off`, without any."


class SessionNeeded(ConfigurationError):
    """{file}:{line}: this statement changes the session for others that run in transactions of their own, and the connection
    goes through a pooler, which may give each of them another session: {excerpt}"""

    file: str
    line: int
    excerpt: str

    hint = "Connect to the server itself; or use SET LOCAL, in a file that is one transaction."


class DependencyMissing(ConfigurationError):
    """{file} depends on {dependency}, {reason}"""

    file: str
    dependency: str
    reason: str


class DependencyCycle(ConfigurationError):
    """Migrations depend on each other in a circle: {circle}"""

    circle: str

    hint = "Take one of these out of its `-- depends_on` header."


class GitFailed(ConfigurationError):
    """What is new since {base} cannot be told: {reason}"""

    base: str
    reason: str

    hint = "In CI the repository may be cut off: fetch all of it (with actions/checkout: `fetch-depth: 0`)."


# models


class ModelPathError(ConfigurationError):
    """model_paths: {path!r} leads nowhere: {reason}"""

    path: str
    reason: str

    hint = "Set model_paths to the modules, files or folders that hold the models; `dbwarden config` shows which file says it."


class ModelImportError(ConfigurationError):
    """Cannot import {module}: {cause}

    at {file}:{line}: {source}"""

    module: str
    cause: str
    file: str
    line: int
    source: str


class NoModels(ConfigurationError):
    """model_paths: {path!r} has no model (imported: {modules})"""

    path: str
    modules: str

    hint = (
        "Models are mapped classes, Tables, a MetaData or a declarative base (which may be empty), defined in the module or"
        " imported into it."
    )


class UnknownModelTable(ConfigurationError):
    """model_tables: no model defines {tables}"""

    tables: str


class ModelConflict(ConfigurationError):
    """The models define {what} twice, differently: {first}; and {second}"""

    what: str
    first: str
    second: str

    hint = "Keep one of them, or split the models between databases with model_paths or model_tables."


class ModelReadError(ConfigurationError):
    """The models cannot be read: {where}: {reason}"""

    where: str
    reason: str


class NoConfiguration(ConfigurationError):
    """No configuration found. Looked for {names} in {places}"""

    names: str
    places: str

    hint = "Run `dbwarden init` to create a warden.py, or name a configuration with --config."


class MissingConfiguration(ConfigurationError):
    """{origin} names the configuration {name}, {reason}"""

    origin: str
    name: str
    reason: str


class TwoConfigurations(ConfigurationError):
    """Two configurations in one folder: {first} and {second} in {folder}"""

    first: str
    second: str
    folder: str
    advice: str

    hint = "Keep one of them{advice}."


class UnreadableConfiguration(ConfigurationError):
    """{file}:{line}:{column}: {reason}"""

    file: str
    line: int
    column: int
    reason: str


class FailedConfiguration(ConfigurationError):
    """{file}:{line}: {exception}: {text}{excerpt}"""

    file: str
    line: int
    exception: str
    text: str
    excerpt: str


class MissingVariable(ConfigurationError):
    """{source}: {key} needs the environment variable {variable}, which is not set"""

    source: str
    key: str
    variable: str


class UnknownSetting(ConfigurationError):
    """{source}: unknown setting '{key}'{owner}{nearest}"""

    source: str
    key: str
    owner: str
    nearest: str
    known: str

    hint = "Known settings: {known}."


class InvalidSetting(ConfigurationError):
    """{source}: {key}{owner} {reason}"""

    source: str
    key: str
    owner: str
    reason: str


class InvalidName(ConfigurationError):
    """{source}: '{name}' is no name for a database: a letter comes first, then letters, digits and _"""

    source: str
    name: str


class InvalidUrl(ConfigurationError):
    """{where}: {reason}: {url}"""

    where: str
    reason: str
    url: str


class TypeMismatch(ConfigurationError):
    """{source}: {type_key} is {type}, but {url_key} is a URL for {found}: {url}"""

    source: str
    type_key: str
    type: str
    url_key: str
    found: str
    url: str


class DuplicateDatabase(ConfigurationError):
    """{source}: the database '{name}' is declared twice, first at {first}"""

    source: str
    name: str
    first: str


class DuplicateTarget(ConfigurationError):
    """{source}: {first} and {second} point at the same database: {first_url} and {second_url}"""

    source: str
    first: str
    second: str
    first_url: str
    second_url: str

    hint = "Each of them needs a database of its own."


class TwoDefaults(ConfigurationError):
    """{source}: '{first}' and '{second}' both say default=True; only one database can be the default"""

    source: str
    first: str
    second: str


class NoDefault(ConfigurationError):
    """{source} has several databases and none says default=True: {names}"""

    source: str
    names: str

    hint = "Name one with -d, all with --all, or set default=True for one of them."


class NoDatabase(ConfigurationError):
    """{source} declares no database"""

    source: str

    hint = (
        "Call database_config(...) in it (in TOML: a table [databases.primary]), or run `dbwarden init` in an empty folder"
        " to see an example."
    )


class UnknownDatabase(ConfigurationError):
    """There is no database '{name}' in {source} (configured: {names}){nearest}"""

    name: str
    source: str
    names: str
    nearest: str


class OverlappingModels(ConfigurationError):
    """{source}: '{first}' and '{second}' read the same models: model_paths {mine} and {theirs} overlap"""

    source: str
    first: str
    second: str
    mine: str
    theirs: str

    hint = "Give each database its own model_paths, split the tables with model_tables in both, or say overlap_models=True."


class TableClaimedTwice(ConfigurationError):
    """{source}: table '{table}' is in the model_tables of '{first}' and of '{second}'"""

    source: str
    table: str
    first: str
    second: str

    hint = "A table belongs to one database; say overlap_models=True if it really is in both."


class NoDevDatabase(ConfigurationError):
    """{source}: database '{name}' has no dev_database_url, which --dev needs"""

    source: str
    name: str


class DatabaseInMemory(ConfigurationError):
    """{source}: database '{name}' is in memory ({url}), and would be gone when the command ends"""

    source: str
    name: str
    url: str

    hint = "Name a file: sqlite:///name.db, or with its full path sqlite:////folder/name.db."


class MissingDriver(ConfigurationError):
    """No {kind}driver for {engine} is installed (looked for {wanted})"""

    kind: str
    engine: str
    wanted: str
    install: str

    hint = "Install it: {install}"


# backups


class NoBackup(ConfigurationError):
    """{file} is no backup of a {engine} database: {reason}"""

    file: str
    engine: str
    reason: str

    hint = "The database was not touched."


# state files


class MissingState(ConfigurationError):
    """There is no state file {file}, which says what the migrations of {database} lead to"""

    file: str
    database: str

    hint = (
        "`dbwarden export-models -d {database}` writes one from the models as they are now. Commit it: from then on every"
        " make-migrations keeps it up to date."
    )


class DamagedState(ConfigurationError):
    """{file}:{line}:{column}: {reason}"""

    file: str
    line: int
    column: int
    reason: str
    database: str

    hint = "Restore the file from git, or let `dbwarden export-models -d {database}` write a new one."


class StateConflict(ConfigurationError):
    """{file}:{line}: git left a conflict between {ours} and {theirs} unresolved{more}"""

    file: str
    line: int
    ours: str
    theirs: str
    more: str
    database: str

    hint = "Settle the models; `dbwarden export-models -d {database}` then writes the file anew."


class NewerState(ConfigurationError):
    """{file} has state format {found}, written by DBWarden {writer}; this version reads formats up to {known}"""

    file: str
    found: int
    writer: str
    known: int
    database: str

    hint = (
        "Upgrade DBWarden to the version that wrote the file, or later; `dbwarden export-models -d {database}` would write"
        " one of this version."
    )


class StateDialect(ConfigurationError):
    """{file} was written for {found}, but the database {database} is {wanted}"""

    file: str
    found: object
    database: str
    wanted: str

    hint = "`dbwarden export-models -d {database}` writes a new one."


# -- 1: the work itself failed ------------------------------------------------------------------------------------


class Unsupported(DBWardenError):
    """{what} is not supported by {dialect}: {reason}"""

    what: str
    dialect: str
    reason: str


class Irreversible(DBWardenError):
    """{what} cannot be rolled back: {reason}"""

    what: str
    reason: str


class NameTaken(DBWardenError):
    """{collisions}"""

    collisions: str

    hint = (
        "No file was written. Give the model another name, or drop or rename what has the name in a migration of its own"
        " (`dbwarden new NAME`) first."
    )


class PendingMigrations(DBWardenError):
    """{count} migrations are not applied yet ({files}), and what they lead to cannot be told: {reason}"""

    count: int
    files: str
    reason: str
    database: str

    hint = "Apply them with `dbwarden migrate -d {database}`, or remove the files, then run make-migrations again."


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
        "Nothing was executed. Restore the file (another branch, git), or return with `dbwarden rollback`:"
        " the rollback SQL is stored in the database."
    )


class HalfDone(DBWardenError):
    """{what} of {file} stopped in an earlier run before statement {statement} of {total} was done"""

    file: str
    statement: int
    total: int

    what: ClassVar[str] = ""

    @classmethod
    def of(cls, file: str, done: int, total: int) -> HalfDone:
        """The error for a file of which ``done`` statements have had their effect."""
        return cls(file=file, statement=min(done + 1, max(total, 1)), total=max(total, 1))


class UnfinishedRollback(HalfDone):
    """{what} of {file} stopped in an earlier run before statement {statement} of {total} was done"""

    what = "The rollback"
    hint = "Nothing else runs before it is finished: `dbwarden rollback` goes on there (`--to-version 0` for a repeatable file)."


class UnfinishedUpgrade(HalfDone):
    """{what} of {file} stopped in an earlier run before statement {statement} of {total} was done"""

    what = "The upgrade"
    hint = (
        "Nothing else runs before it is finished: `dbwarden migrate` goes on there. To return instead, take the statements"
        " from {statement} on out of the file, and what undoes them out of its rollback; then `dbwarden migrate` and"
        " `dbwarden rollback`."
    )


class EmptyMigration(ConfigurationError):
    """{file} has no statement to apply"""

    file: str

    hint = "Write the statements under `-- upgrade`, or remove the file. One that is to do nothing says `SELECT 1;`."


class MissingRollback(DBWardenError):
    """{file} cannot be rolled back: {reason}"""

    file: str
    reason: str

    hint = (
        "Write the statements under `-- rollback`, or state with `-- irreversible: <reason>` before `-- upgrade`"
        " that there is no way back."
    )


class NothingToRollBack(DBWardenError):
    """Nothing to roll back: no migration is applied in database {database}"""

    database: str


class BaselinedRollback(DBWardenError):
    """{file} was marked as applied by --baseline and never executed here, so it is not rolled back by SQL"""

    file: str


class StillNeeded(DBWardenError):
    """{file} cannot be rolled back alone: {dependent} is applied and depends on it"""

    file: str
    dependent: str

    hint = "Roll back {dependent} as well, with a lower --to-version."


class LossyTranslation(DBWardenError):
    """On {engine} there is no exact equivalent of all of it, and --strict-translation allows no loss ({count}):

    {listed}"""

    engine: str
    count: int
    listed: str
    losses: tuple[str, ...]

    hint = "Nothing was written or executed. Without --strict-translation these are warnings."

    @classmethod
    def of(cls, engine: str, losses: Sequence[object]) -> LossyTranslation:
        """The error that names all ``losses``."""
        told = tuple(str(loss) for loss in losses)
        return cls(engine=engine, count=len(told), listed="\n    ".join(told), losses=told)


class Failure(Enum):
    """What an engine's error means; a dialect tells it by the engine's code or message (``Connector.classify``)."""

    CONNECTION_LOST = "connection lost"
    CANCELLED = "cancelled"
    BUSY = "busy"
    """A lock that was not given in time, or a deadlock."""
    READ_ONLY = "read-only"
    PERMISSION = "permission"
    AUTHENTICATION = "authentication"
    UNKNOWN_DATABASE = "unknown database"
    DISK_FULL = "disk full"
    MISSING_TABLE = "missing table"
    """Or its namespace."""
    MISSING_COLUMN = "missing column"
    MISSING_OBJECT = "missing object"
    ALREADY_EXISTS = "already exists"
    DUPLICATE_KEY = "duplicate key"
    TRANSACTION_REFUSED = "transaction refused"
    """The statement failed only because it ran inside a transaction block."""
    OTHER = "other"


class DatabaseError(DBWardenError):
    """{message}"""

    failure: Failure = Failure.OTHER
    sqlstate: str | None = None
    """The engine's code; SQLite: the name of its result code."""
    position: int | None = None
    """Where in the statement, 1-based."""
    detail: str | None = None
    sql: str = ""
    """The statement."""


class ConnectionFailed(DatabaseError):
    """Cannot connect to {url}: {reason}"""

    url: str
    reason: str
    host: str | None
    port: int | None
    user: str | None
    database: str | None

    hint = "`dbwarden settings show` tells where the configuration points."


class ConnectionLost(DatabaseError):
    """{message}"""

    hint = (
        "The connection to the database broke. Look at the server's log and at `dbwarden status` before trying again."
    )


class DatabaseBusy(DatabaseError):
    """{message}"""

    hint = "Another session holds a lock on what is needed here. Try again later, or allow a longer lock_timeout."


class DatabaseReadOnly(DatabaseError):
    """{message}"""

    hint = (
        "Nothing can be changed there: the server is a standby or read-only by its settings, or the file may not be"
        " written. Point the configuration at the primary; with several hosts in the URL, target_session_attrs=read-write"
        " finds it."
    )


class PermissionDenied(DatabaseError):
    """{message}"""

    hint = "The role that DBWarden connects as lacks a right."


class StatementCancelled(DatabaseError):
    """{message}"""


class ForeignHistory(DatabaseError):
    """The table {table} does not have the columns of this version of DBWarden: {missing} missing"""

    table: str
    missing: str

    hint = "It was made by an older version or another program. Nothing was changed; rename it to keep what it says."


class NewerHistory(DatabaseError):
    """The table {table} was written by a newer version of DBWarden: {unknown} is not known to this one"""

    table: str
    unknown: str

    hint = "Nothing was changed. Install the version that wrote it, or a later one."


class DamagedRow(DatabaseError):
    """The table {table} holds {value} as {column}, which is not {expected}"""

    table: str
    column: str
    value: str
    expected: str

    hint = (
        "Nothing was changed. Somebody else wrote that row: correct it by hand (`SELECT * FROM {table}`), or restore the"
        " table from a backup."
    )


class MigrationFailed(DBWardenError):
    """{file}:{line}: {step} failed: {reason}

    {excerpt}"""

    file: str
    line: int
    step: str
    reason: str
    excerpt: str
    state: str
    advice: str
    statement: int
    total: int
    sqlstate: str | None = None

    hint = "{state}.{advice}"


class UnfinishedMigration(DBWardenError):
    """{file} stopped in the middle of an earlier run, and statement {statement} of it was edited since (line {line})"""

    file: str
    statement: int
    line: int

    @classmethod
    def of(cls, file: str, statement: int, line: int, *, in_doubt: bool) -> UnfinishedMigration:
        """The error for a statement that has had its effect, or (``in_doubt``) may have had it."""
        if in_doubt:
            hint = (
                f"Statement {statement} was begun, and may have had its effect. Restore its text as it ran, so that the next"
                " run can look; or look at the database and run the same command with `--assume done` or `--assume not-done`."
            )
        else:
            hint = (
                f"Statements 1 to {statement} had their effect already and are not repeated. Restore their text as it ran;"
                " put what is new behind them, or into a new migration."
            )
        return cls(file=file, statement=statement, line=line, hint=hint)


class StatementInDoubt(DBWardenError):
    """{file}:{line}: an earlier run was interrupted in statement {statement} of {total}, and whether it had its effect
    cannot be told from the database: {excerpt}"""

    file: str
    line: int
    statement: int
    total: int
    excerpt: str

    hint = "Look at the database, then run the same command with `--assume done` or `--assume not-done`."


class NoScratch(DBWardenError):
    """No scratch database can be had: {reasons}"""

    reasons: str

    hint = "Configure an empty database as sandbox_url, or let the role create databases."


class SandboxNotEmpty(ConfigurationError):
    """sandbox_url ({url}) is not empty: it holds {contents}"""

    url: str
    contents: str

    hint = "A sandbox is emptied after each use. Point sandbox_url at an empty database; this one was not touched."


class ProofFailed(DBWardenError):
    """The new migration does not do what it should, tried out on {server} ({kind}): {what}

    {details}"""

    server: str
    kind: str
    what: str
    details: str
    cause: str
    instead: str

    hint = "No file was written and the database was not touched. {cause}{instead}"

    def because(self, cause: str) -> ProofFailed:
        """The same failure with another cause."""
        return ProofFailed(
            server=self.server,
            kind=self.kind,
            what=self.what,
            details=self.details,
            cause=cause,
            instead=self.instead,
        )


class StandsInTheWay(DBWardenError):
    """The server would refuse the new migration: something that no model describes stands on what it drops or alters"""

    cause: str

    hint = "No file was written and the database was not touched. {cause}"


class FolderError(DBWardenError):
    """{folder}: {reason}"""

    folder: Path
    reason: str


class ArchiveFailed(DBWardenError):
    """{reason}"""

    reason: str
    advice: str = ""


class BackupFailed(DBWardenError):
    """No backup could be made: {reason}"""

    reason: str
    advice: str

    hint = "Nothing was changed.{advice}"


class RestoreFailed(DBWardenError):
    """{file} could not be restored: {reason}"""

    file: str
    reason: str
    advice: str

    hint = "The database is as it was before.{advice}"


class Interrupted(DBWardenError):
    """Interrupted by {signal}{state}"""

    signal: str
    state: str

    exit_code = 130


class Terminated(Interrupted):
    """Terminated by {signal}{state}"""

    exit_code = 143


# -- 3: locked ----------------------------------------------------------------------------------------------------


class LockHeld(DBWardenError):
    """{message}"""

    holder: Any = None
    age: float | None = None
    verdict: Any = None

    exit_code = 3


class LockLost(DBWardenError):
    """The migration lock was released by somebody else while this process held it"""

    exit_code = 3
    hint = "Stopped before the next change; what was not finished has been rolled back. See `dbwarden status`."


# -- 5: refused ---------------------------------------------------------------------------------------------------


class Refused(DBWardenError):
    """{message}"""

    holder: Any = None
    verdict: Any = None
    listed: str = ""

    exit_code = 5


class NotEmpty(Refused):
    """Refused: database {database} is not empty ({contents}), and restoring a backup replaces all of it"""

    database: str
    contents: str

    hint = "Nothing was changed. Replace it with --force; --with-backup saves what is there before."


class UnsafeRollback(Refused):
    """Refused: the rollback in database {database} destroys data

    {listed}"""

    count: int
    findings: str
    database: str
    rule: str

    hint = (
        "Nothing was executed. Roll back anyway with --force; --with-backup saves the database before, and `dbwarden restore`"
        " brings that back. A loss that is meant is allowed by `-- dbwarden: ignore {rule}: <reason>` before the statement."
    )


class UnknownOwner(Refused):
    """--drop-unowned is refused: this database also has {others}, and {files} has no stored rollback that would tell which
    tables it created"""

    others: str
    files: str

    hint = "Drop what nobody needs in a migration of your own: `dbwarden new` makes an empty file."


class UnsafeMigration(Refused):
    """Refused: {count} critical {findings} in the pending migrations of {database}

    {listed}"""

    count: int
    findings: str
    database: str
    rule: str

    hint = (
        "Nothing was executed. `dbwarden check -d {database}` shows everything that was found; `dbwarden check --explain"
        " {rule}` what to do instead. Apply it anyway with --force, or write `-- dbwarden: ignore {rule}: <reason>` before"
        " the statement."
    )
