"""dbwarden renumber."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .completion import complete_migration
from .options import DatabaseName, command
from .session import Session
from .view import View, shown_path

if TYPE_CHECKING:
    from dbwarden.api.renumber import RenumberReport

app = command()


@app.command()
def renumber(
    ctx: typer.Context,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep",
            metavar="FILE",
            help="File that keeps its number; repeatable.",
            autocompletion=complete_migration,
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="REF", help="Branch whose files keep their numbers (default: the main branch)."),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no database what is applied.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the new names and change nothing.")] = False,
    database: DatabaseName = None,
) -> None:
    """Give migrations of this branch new numbers, if a merge brought others of the same number.

    Files of the main branch, and files that are applied, keep their numbers. The others come behind them in their order;
    depends_on and the state file follow.
    """
    from dbwarden.api.renumber import renumber as run

    session = Session.of(ctx)
    report = run(database, keep=keep or (), base=base, offline=offline, dry_run=dry_run, config=session.flags.config)
    session.answer(report, _show)


def _show(view: View, report: RenumberReport) -> None:
    if not report.files:
        behind = f" and come behind those of {report.base}" if report.base else ""
        view.line(f"The numbers in {shown_path(report.folder)} are all different{behind}.")
    for file in report.files:
        if file.name == file.new_name:
            view.line(f"{file.name}: depends_on names the new numbers")
        else:
            view.line(f"{file.name} -> {file.new_name}")
    if report.state_file:
        view.line("The state file names the newest migration.")
    for note in report.notes:
        view.warning(note)
    if report.dry_run and report.files:
        view.line("Nothing was changed (--dry-run).")
    for file in report.files:
        if file.proven:
            view.line(f"Try out again, behind the other files: `dbwarden check --prove {file.new_name}`")
