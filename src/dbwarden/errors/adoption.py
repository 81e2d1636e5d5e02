"""Errors of ``init --from``, which adopts the database of another migration tool."""

from __future__ import annotations

from .base import ConfigurationError, Refused


class NoOrigin(ConfigurationError):
    """There is no project of {tool} in {folder}: {looked_for}"""

    tool: str
    folder: str
    looked_for: str

    hint = (
        "Run the command in the folder where {tool} is run. A database whose files are not here is adopted with"
        " `dbwarden init --from existing --url URL`."
    )


class UnreadableOrigin(ConfigurationError):
    """{file}: {reason}"""

    file: str
    reason: str


class NoOriginUrl(ConfigurationError):
    """{tool}: the URL of the database cannot be read: {reason}"""

    tool: str
    reason: str

    hint = "Pass it: `--url postgresql://user@host/database`. A password in it is not written to the file."


class NoOriginHistory(Refused):
    """{tool} has never migrated this database: it has no table {table}"""

    tool: str
    table: str

    hint = "Is it the right database? `--url` names another one. One without {tool} is adopted with `--from existing`."


class OtherHistory(Refused):
    """The table {table} is not the history of {tool}: {reason}"""

    tool: str
    table: str
    reason: str

    hint = "`dbwarden init --from existing` adopts a database whatever built it."


class UnfinishedOrigin(Refused):
    """{tool} is not finished with this database: {state}{listed}"""

    tool: str
    state: str


class NothingToAdopt(ConfigurationError):
    """There is nothing to adopt: database {database} ({url}) has no table"""

    database: str
    url: str

    hint = "A new database needs no base migration: `dbwarden init`, then `dbwarden make-migrations`."


class AlreadyAdopted(ConfigurationError):
    """The project '{name}' has migrations already: {where}"""

    name: str
    where: str

    hint = (
        "`dbwarden status` shows them; `dbwarden migrate --baseline --to-version VERSION` marks a database that has their"
        " effect. To begin with the database instead, move away files that no database has applied. Another project in the"
        " same database needs another name (`-d NAME`)."
    )
