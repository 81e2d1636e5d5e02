"""dbwarden config."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .database import database_table
from .options import command
from .session import Session
from .view import View

if TYPE_CHECKING:
    from dbwarden.api.configuration import ConfigurationReport

app = command()


@app.command()
def config(ctx: typer.Context) -> None:
    """Show where the configuration comes from and which databases it declares. Passwords are masked."""
    from dbwarden.api.configuration import configuration

    session = Session.of(ctx)
    session.answer(configuration(session.flags.config), _show)


def _show(view: View, report: ConfigurationReport) -> None:
    view.fields(
        [
            ("Configuration", report.source),
            ("Root", str(report.root)),
            ("Default database", report.default or "none: name one with -d"),
        ]
    )
    view.gap()
    database_table(view, report.databases)
    for warning in report.warnings:
        view.warning(warning)
