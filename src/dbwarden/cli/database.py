"""dbwarden database list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from .options import command
from .session import Session
from .view import View

if TYPE_CHECKING:
    from dbwarden.api.configuration import DatabaseSummary

app = command()


@app.callback()
def database() -> None:
    """Show the configured databases."""


@app.command("list")
def list_databases(ctx: typer.Context) -> None:
    """List the configured databases, with passwords masked. Connects to none of them."""
    from dbwarden.api.configuration import database_list

    session = Session.of(ctx)
    session.answer(database_list(session.flags.config), database_table)


def database_table(view: View, databases: Sequence[DatabaseSummary]) -> None:
    """Show a table of databases."""
    fleets = any(summary.targets for summary in databases)
    clusters = any(summary.cluster for summary in databases)
    rows = [
        (
            summary.name,
            "yes" if summary.default else "",
            summary.type,
            summary.url,
            summary.dev_url or "",
            ", ".join(summary.model_paths),
            *((summary.cluster or "",) if clusters else ()),
            *((summary.targets or "",) if fleets else ()),
        )
        for summary in databases
    ]
    optional = [*(["cluster"] if clusters else []), *(["targets"] if fleets else [])]
    columns = ("name", "default", "type", "url", "dev url", "models", *optional)
    view.table(columns, rows)
