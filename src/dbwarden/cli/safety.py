"""Safety options, and the question on a terminal before an unsafe run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .session import Session

if TYPE_CHECKING:
    from dbwarden.errors import Refused

Force = Annotated[bool, typer.Option("--force", help="Proceed even where it is refused as unsafe; ask nothing.")]
WithBackup = Annotated[bool, typer.Option("--with-backup", help="Make a backup first; if that fails, change nothing.")]
BackupDir = Annotated[
    str | None,
    typer.Option("--backup-dir", metavar="FOLDER", help="Folder for the backup (default: the setting backup_dir)."),
]


def safety_options(session: Session, force: bool, with_backup: bool, backup_dir: str | None) -> dict[str, Any]:
    """Convert the safety flags to fields of ``RunOptions``; an unsafe run is asked about if a person is at the terminal."""
    return {
        "force": force,
        "confirm": _question(session),
        "with_backup": with_backup,
        "backup_dir": Path(backup_dir) if backup_dir else None,
    }


def _question(session: Session) -> Callable[[Refused], bool] | None:
    if session.flags.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def ask(refusal: Refused) -> bool:
        """Ask on stderr, so that stdout can be piped; the default is no."""
        session.view.warning(refusal.message.removeprefix("Refused: "))
        return typer.confirm("Do it all the same?", default=False, err=True)

    return ask
