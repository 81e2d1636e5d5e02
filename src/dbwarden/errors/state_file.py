"""Errors of the state file."""

from __future__ import annotations

from .base import ConfigurationError


class MissingState(ConfigurationError):
    """There is no state file {file}, which describes the schema that the migrations of {database} create"""

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

    hint = "Resolve conflicts in the models, then run `dbwarden export-models -d {database}` to write the file again."


class NewerState(ConfigurationError):
    """{file} has state format {format}, written by DBWarden {writer}; this version reads formats up to {known}"""

    file: str
    format: int
    writer: str
    known: int
    database: str

    hint = (
        "Upgrade DBWarden to the version that wrote the file, or later; `dbwarden export-models -d {database}` would write"
        " one of this version."
    )


class StateDialect(ConfigurationError):
    """{file} was written for {engine}, but the database {database} is {wanted}"""

    file: str
    engine: object
    database: str
    wanted: str

    hint = "`dbwarden export-models -d {database}` writes a new one."
