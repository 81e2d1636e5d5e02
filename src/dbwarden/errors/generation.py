"""Errors of generating a migration, of its proof and of sandboxes."""

from __future__ import annotations

from collections.abc import Sequence

from .base import ConfigurationError, DBWardenError, Refused


class NameTaken(DBWardenError):
    """{collisions}"""

    collisions: str

    hint = (
        "No file was written. Give the model another name, or first drop or rename the object that has it, in a migration"
        " of its own (`dbwarden new NAME`)."
    )


class PendingMigrations(DBWardenError):
    """{migrations} not applied yet ({files}), and the schema after them cannot be determined: {reason}"""

    migrations: str
    """Their number with the verb: ``2 migrations are``."""
    files: str
    reason: str
    database: str

    hint = "Apply them with `dbwarden migrate -d {database}`, or remove the files, then run make-migrations again."


class LossyTranslation(DBWardenError):
    """Not everything has an exact equivalent on {engine}, and --strict-translation allows no loss ({count}):

    {listed}"""

    engine: str
    count: int
    listed: str
    losses: tuple[str, ...]

    hint = "Nothing was written or executed. Without --strict-translation these are warnings."

    @classmethod
    def of(cls, engine: str, losses: Sequence[object]) -> LossyTranslation:
        """The error that names all ``losses``."""
        texts = tuple(str(loss) for loss in losses)
        return cls(engine=engine, count=len(texts), listed="\n    ".join(texts), losses=texts)


class NoScratch(DBWardenError):
    """No scratch database is available: {reasons}"""

    reasons: str

    hint = "Configure an empty database as sandbox_url, or let the role create databases."


class SandboxNotEmpty(ConfigurationError):
    """sandbox_url ({url}) is not empty: it contains {contents}"""

    url: str
    contents: str

    hint = "A sandbox is emptied after each use. Point sandbox_url at an empty database; this one was not touched."


class ProofFailed(DBWardenError):
    """The new migration failed its proof on {server} ({kind}): {problem}

    {details}"""

    server: str
    kind: str
    problem: str
    details: str
    cause: str
    instead: str

    hint = "No file was written and the database was not touched. {cause}{instead}"

    def with_cause(self, cause: str) -> ProofFailed:
        """The same failure with another cause."""
        return ProofFailed(
            server=self.server,
            kind=self.kind,
            problem=self.problem,
            details=self.details,
            cause=cause,
            instead=self.instead,
        )


class BlockingDependents(DBWardenError):
    """The server would refuse the new migration: an object that no model describes depends on what it drops or alters"""

    cause: str

    hint = "No file was written and the database was not touched. {cause}"


class EditFailed(DBWardenError):
    """The new migration was not edited: {reason}"""

    reason: str

    hint = "Nothing was written: the folder and the state file are as before."


class UnknownOwner(Refused):
    """--drop-unowned is refused: this database also has {others}, and {files} has no stored rollback that shows which
    tables it created"""

    others: str
    files: str

    hint = "Drop unneeded tables in a hand-written migration: `dbwarden new` creates an empty file."
