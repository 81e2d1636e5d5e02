"""dbwarden init."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import command
from .progress_output import waiting
from .session import Session
from .view import View, counted, shown_path

if TYPE_CHECKING:
    from dbwarden.api.adopt import AdoptReport
    from dbwarden.api.init import InitReport

app = command()

_LISTED = 8
"""Differences that are listed."""


@app.command()
def init(
    ctx: typer.Context,
    origin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TOOL",
            help="Adopt the database of alembic, django, yoyo, flyway or dbmate, or an existing one.",
        ),
    ] = None,
    database_type: Annotated[
        str | None,
        typer.Option("--database-type", metavar="ENGINE", help="Database engine (default: from --url, else sqlite)."),
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", help="Database URL; a password in it is not written to the file.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            "-d", "--database", metavar="NAME", help="Name of the database in the configuration (default: primary)."
        ),
    ] = None,
    models: Annotated[
        Path | None,
        typer.Option(
            "--models", metavar="PATH", help="With --from: generate SQLAlchemy models into this file or folder."
        ),
    ] = None,
    proof: Annotated[
        bool, typer.Option("--proof/--no-proof", help="With --from: try out the base migration before it is written.")
    ] = True,
) -> None:
    """Write warden.py and create the folders. An existing configuration is never overwritten.

    With --from: also write a migration that builds an empty database like the existing one, and mark it as applied.
    """
    session = Session.of(ctx)
    if origin is None:
        if models is not None or not proof:
            raise typer.BadParameter(f"{'--models' if models is not None else '--no-proof'} goes with --from")
        from dbwarden.api.init import init as run

        report = run(database_type=database_type, url=url, database=database or "primary")
        session.answer(report, _show)
        return
    from dbwarden.api.adopt import AdoptOptions, adopt

    with waiting(session) as events:
        options = AdoptOptions(url, database_type, database, models, proof, events)
        adopted = adopt(origin, options=options)
    session.answer(adopted, _show_adopted)


def _show(view: View, report: InitReport) -> None:
    view.line(f"Created {report.configuration.name}")
    for folder in report.folders:
        view.line(f"Created {folder.relative_to(report.configuration.parent)}/")
    view.line("Next: set model_paths and the URL in warden.py, then `dbwarden make-migrations`.")


def _show_adopted(view: View, report: AdoptReport) -> None:
    if report.history_table is not None:
        view.line(
            f"{report.tool}: {counted(len(report.applied), 'migration')} applied, none pending"
            f" ({report.tool_configuration}, table {report.history_table})"
        )
    for name in report.unknown:
        view.warning(f"{report.tool} recorded {name}, of which there is no file here.")
    for path in report.created:
        view.line(f"Created {shown_path(path)}")
    proof = report.proof
    view.line(f"The base migration creates {counted(report.tables, 'table')}; {proof.header}: {proof.text}")
    for left_out in report.left_out:
        view.warning(f"Not in the base migration: {left_out}.")
    for note in report.notes:
        view.warning(note)
    view.line(f"Marked {report.base.name} as applied in database {report.database} (not executed).")
    _show_differences(view, report)
    _show_next(view, report)


def _show_differences(view: View, report: AdoptReport) -> None:
    if report.differences is None:
        return
    if not report.differences:
        view.line(f"The models ({', '.join(report.models)}) and the database agree.")
        return
    view.line(f"The models and the database differ in {counted(len(report.differences), 'place')}:")
    for difference in report.differences[:_LISTED]:
        view.item(difference)
    if len(report.differences) > _LISTED:
        view.item(f"and {len(report.differences) - _LISTED} more (`dbwarden diff`)")


def _show_next(view: View, report: AdoptReport) -> None:
    steps = []
    if report.variable is not None:
        steps.append(f"set the environment variable {report.variable} to the password")
    if report.models_missing:
        steps.append(f"`dbwarden generate-models --output {report.models[0]}`")
    elif not report.models:
        steps.append("set model_paths in warden.py")
    steps += ["change the models", "`dbwarden make-migrations`"]
    view.line(f"Next: {', then '.join(steps)}.")
    if "*" in report.unowned:
        view.line(
            f"No later migration drops what {report.base.name} creates, until its header `unowned` names less or is removed."
        )
    view.line(
        "Every other database that has this schema already (production, staging):"
        f" `dbwarden migrate --baseline --to-version {report.version}`, once."
    )
