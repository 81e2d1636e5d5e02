"""dbwarden version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .options import Verbose, command
from .session import Session
from .view import View

if TYPE_CHECKING:
    from dbwarden.api.version import VersionReport

app = command()


@app.command()
def version(ctx: typer.Context, verbose: Verbose = False) -> None:
    """Show the version of DBWarden, and with --verbose of what it runs on."""
    from dbwarden.api.version import version as read

    Session.of(ctx).answer(read(), _verbose if verbose else _short)


def _short(view: View, report: VersionReport) -> None:
    view.line(f"dbwarden {report.version}")


def _verbose(view: View, report: VersionReport) -> None:
    rows = [("dbwarden", report.version), ("python", report.python)]
    rows += [("sqlalchemy", report.sqlalchemy or "not installed"), *report.drivers.items()]
    view.fields(rows)
