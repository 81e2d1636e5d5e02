"""dbwarden generate-models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import DatabaseName, command
from .progress_output import waiting
from .session import Session
from .view import View, counted, shown_path

if TYPE_CHECKING:
    from dbwarden.api.generate_models import GenerateReport

app = command()


@app.command("generate-models")
def generate_models(
    ctx: typer.Context,
    database: DatabaseName = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="PATH", help="File (models.py) or folder to write; else the source is printed."
        ),
    ] = None,
    single_file: Annotated[
        bool, typer.Option("--single-file", help="Write one module into the folder, not one for each table.")
    ] = False,
    tables: Annotated[
        list[str] | None,
        typer.Option("--tables", metavar="PATTERN", help="Only these tables (users, audit_*, crm.*); repeatable."),
    ] = None,
    exclude_tables: Annotated[
        list[str] | None, typer.Option("--exclude-tables", metavar="PATTERN", help="Not these tables; repeatable.")
    ] = None,
    schema: Annotated[
        list[str] | None, typer.Option("--schema", metavar="NAME", help="Only this schema; repeatable (default: all).")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="MODULE:NAME", help="Declarative base of your own: app.database:Base."),
    ] = None,
    relationships: Annotated[
        bool, typer.Option("--relationships/--no-relationships", help="Write relationships between the classes.")
    ] = True,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
) -> None:
    """Write SQLAlchemy models from the database, and compare them with it. The database is only read."""
    from dbwarden.api.generate_models import GenerateOptions
    from dbwarden.api.generate_models import generate_models as generate

    session = Session.of(ctx)
    flags = session.flags
    with waiting(session) as events:
        options = GenerateOptions(
            output, single_file, tables or (), exclude_tables or (), schema or (), base, relationships, force, events
        )
        report = generate(database, config=flags.config, dev=flags.dev, options=options)
    session.answer(report, _show)
    if report.differences:
        session.end(4)


def _show(view: View, report: GenerateReport) -> None:
    if report.source is not None:
        view.python(report.source)
    for path in report.written:
        view.line(f"Wrote {shown_path(path)}")
    for left_out in report.left_out:
        view.warning(f"The models do not describe {left_out}.")
    if report.differences:
        view.warning("Models and database differ:")
        for difference in report.differences:
            view.warning(f"  {difference}")
    elif report.source is None:
        shapes = [counted(len(report.classes), "class", "classes")] if report.classes else []
        shapes += [counted(len(report.tables), "plain table")] if report.tables else []
        view.line(f"{' and '.join(shapes)}. Compared with database {report.database}: no difference.")
