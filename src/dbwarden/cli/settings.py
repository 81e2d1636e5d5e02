"""dbwarden settings show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .completion import complete_database
from .options import AllDatabases, DatabaseName, Verbose, command
from .session import Session
from .view import View

if TYPE_CHECKING:
    from dbwarden.api.configuration import SettingsReport

app = command()


@app.callback()
def settings() -> None:
    """Show the settings of a database."""


@app.command("show")
def show(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="Database to use (default: the default database).", autocompletion=complete_database
        ),
    ] = None,
    database: DatabaseName = None,
    every: AllDatabases = False,
    verbose: Verbose = False,
) -> None:
    """Show every setting with its value, and where it comes from. Passwords are masked; --verbose explains each."""
    from dbwarden.api.configuration import settings_show

    session = Session.of(ctx)
    reports = settings_show(name or database, every=every, config=session.flags.config)
    session.answer(reports, lambda view, reports: _show(view, reports, verbose))


def _show(view: View, reports: Sequence[SettingsReport], verbose: bool) -> None:
    for at, report in enumerate(reports):
        if at:
            view.gap()
        _show_one(view, report, verbose)


def _show_one(view: View, report: SettingsReport, verbose: bool) -> None:
    view.heading(f"{report.database} ({report.source})")
    columns = ("setting", "value", "from", "meaning") if verbose else ("setting", "value", "from")
    rows = [
        (
            setting.name,
            _value(setting.value),
            "configuration" if setting.configured else "default",
            setting.documentation,
        )[: len(columns)]
        for setting in report.settings
    ]
    view.table(columns, rows)


def _value(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "-"
    return str(value)
