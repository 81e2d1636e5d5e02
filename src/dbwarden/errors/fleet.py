"""Errors of fleets: databases of the configuration that name many targets."""

from __future__ import annotations

from .base import ConfigurationError, Refused
from .database import DatabaseError


class NotAFleet(ConfigurationError):
    """The database '{name}' is not a fleet: it has neither urls_from nor schemas_from{nearest}"""

    name: str
    nearest: str


class NeedsTarget(ConfigurationError):
    """The database '{name}' is a fleet of many targets, and the command is for one"""

    name: str

    hint = (
        "Name a target (`-d {name}@TARGET`), or set reference_target to the one that is meant; `dbwarden status --fleet {name}`"
        " lists them. migrate, rollback, status, diff and unlock take all with `--fleet {name}`."
    )


class UnknownTarget(ConfigurationError):
    """The fleet '{name}' has no target '{target}'{nearest}"""

    name: str
    target: str
    nearest: str

    hint = "`dbwarden status --fleet {name} --verbose` lists its targets."


class EmptyFleet(ConfigurationError):
    """The fleet '{name}' has no target: {source} {reason}"""

    name: str
    source: str
    reason: str


class InvalidTargets(ConfigurationError):
    """{count} of the targets of '{name}' cannot be used, so nothing was started:{listed}"""

    name: str
    count: int
    listed: str


class MissingSchema(DatabaseError):
    """The schema '{schema}' of {target} cannot be used: {reason}"""

    schema: str
    target: str
    reason: str

    hint = "Nothing was changed. Create the schema, or take it out of the list of targets."


class QualifiedNames(Refused):
    """{count} in the pending migrations of '{name}' would change the same object for every target:{places}"""

    name: str
    count: str
    places: str

    hint = (
        "In the files of a fleet with schemas_from, leave the schema out: the search path is that of the target. What all targets"
        " share belongs in the migrations of another database. `--force` runs the files as they are."
    )
