"""Options that several commands share, declared once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from .completion import complete_database, complete_version, complete_version_or_zero

DatabaseName = Annotated[
    str | None,
    typer.Option(
        "--database",
        "-d",
        metavar="NAME",
        help="Database to use (default: the default database).",
        autocompletion=complete_database,
    ),
]
AllDatabases = Annotated[bool, typer.Option("--all", "-a", help="All configured databases.")]
PerNode = Annotated[bool, typer.Option("--per-node", help="Each host of the cluster, one after the other.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show more details.")]
Count = Annotated[int | None, typer.Option("--count", "-c", metavar="N", help="Stop after this many versions.")]
ToVersion = Annotated[
    str | None,
    typer.Option(
        "--to-version", "-t", metavar="VERSION", help="Stop after this version.", autocompletion=complete_version
    ),
]
DownToVersion = Annotated[
    str | None,
    typer.Option(
        "--to-version",
        "-t",
        metavar="VERSION",
        help="Version to return to; 0 rolls back everything.",
        autocompletion=complete_version_or_zero,
    ),
]
LockWait = Annotated[
    float | None,
    typer.Option("--lock-wait", metavar="SECONDS", help="Longest wait for the migration lock (default: 10)."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the SQL that would run; execute nothing.")]
DropUnowned = Annotated[
    bool, typer.Option("--drop-unowned", help="Also drop tables and types that neither models nor history mention.")
]

Fill = Annotated[
    list[str] | None,
    typer.Option(
        "--fill", metavar="TABLE.COLUMN=SQL", help="Value for the rows of a column that becomes NOT NULL; repeatable."
    ),
]
DropTable = Annotated[
    list[str] | None,
    typer.Option(
        "--drop-table", metavar="TABLE", help="Drop a table that a migration created and the models lack; repeatable."
    ),
]
KeepTable = Annotated[
    list[str] | None,
    typer.Option(
        "--keep-table", metavar="TABLE", help="Keep a table that the models lack, even with --drop-unowned; repeatable."
    ),
]
Rename = Annotated[
    list[str] | None,
    typer.Option(
        "--rename",
        metavar="TABLE.OLD:NEW",
        help="Treat a column as renamed, or another object (view OLD:NEW, schema OLD:NEW); repeatable.",
    ),
]
RenameTable = Annotated[
    list[str] | None, typer.Option("--rename-table", metavar="OLD:NEW", help="Treat a table as renamed; repeatable.")
]
Offline = Annotated[
    bool, typer.Option("--offline", help="Compare with the state file (see export-models); connect to no server.")
]

Online = Annotated[
    bool,
    typer.Option("--online/--no-online", help="Change existing tables without blocking writers, where possible."),
]


class Assume(StrEnum):
    """Answers to whether an interrupted statement had its effect."""

    done = "done"
    not_done = "not-done"


Assumption = Annotated[
    Assume | None,
    typer.Option("--assume", help="Outcome of an interrupted statement, if DBWarden cannot determine it."),
]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="Exit with 4 if there is anything to report.")]


def command() -> typer.Typer:
    """Make the Typer application of a command or a group of commands."""
    return typer.Typer(rich_markup_mode=None, add_completion=False)
