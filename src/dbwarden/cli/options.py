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
        help="Which database; without, the default one.",
        autocompletion=complete_database,
    ),
]
AllDatabases = Annotated[bool, typer.Option("--all", "-a", help="Every configured database.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more.")]
Count = Annotated[int | None, typer.Option("--count", "-c", metavar="N", help="At most this many versions.")]
ToVersion = Annotated[
    str | None,
    typer.Option("--to-version", "-t", metavar="VERSION", help="Up to this version.", autocompletion=complete_version),
]
DownToVersion = Annotated[
    str | None,
    typer.Option(
        "--to-version",
        "-t",
        metavar="VERSION",
        help="Return to this version; 0: everything.",
        autocompletion=complete_version_or_zero,
    ),
]
LockWait = Annotated[
    float | None,
    typer.Option("--lock-wait", metavar="SECONDS", help="How long to wait for another migrate (default: 10)."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the SQL that would run; execute nothing.")]
DropUnowned = Annotated[
    bool, typer.Option("--drop-unowned", help="Drop tables and types, too, that neither models nor history know.")
]

Fill = Annotated[
    list[str] | None,
    typer.Option("--fill", metavar="TABLE.COLUMN=SQL", help="The value of a column that becomes NOT NULL; repeatable."),
]
DropTable = Annotated[
    list[str] | None,
    typer.Option("--drop-table", metavar="TABLE", help="A table of ours that left the models goes; repeatable."),
]
KeepTable = Annotated[
    list[str] | None,
    typer.Option("--keep-table", metavar="TABLE", help="A table of ours that left the models stays; repeatable."),
]
Rename = Annotated[
    list[str] | None,
    typer.Option(
        "--rename", metavar="TABLE.OLD:NEW", help="A column (constraint, index, enum value) was renamed; repeatable."
    ),
]
RenameTable = Annotated[
    list[str] | None, typer.Option("--rename-table", metavar="OLD:NEW", help="A table was renamed; repeatable.")
]
Offline = Annotated[
    bool, typer.Option("--offline", help="Compare with the state file (see export-models); contact no server.")
]

Online = Annotated[
    bool,
    typer.Option(
        "--online/--no-online", help="Change tables that exist without blocking writers, where there is a way."
    ),
]


class Assume(StrEnum):
    """Answers about a statement that was interrupted."""

    done = "done"
    not_done = "not-done"


Assumption = Annotated[
    Assume | None,
    typer.Option("--assume", help="Whether a statement in doubt had its effect; asked for where nobody can tell."),
]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="Exit with 4 when something is found.")]


def command() -> typer.Typer:
    """A Typer application for one command (or one group of commands), as all modules here make theirs."""
    return typer.Typer(rich_markup_mode=None, add_completion=False)
