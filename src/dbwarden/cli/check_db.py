"""dbwarden check-db."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from .hosts import show_host_drift
from .options import AllDatabases, DatabaseName, Verbose, command
from .progress_output import waiting
from .session import Session
from .view import View, counted

if TYPE_CHECKING:
    from dbwarden.api.check_db import CheckDbReport, ColumnLine, TableLines

app = command()


class SchemaFormat(StrEnum):
    """Formats of the output."""

    txt = "txt"
    json = "json"
    yaml = "yaml"
    sql = "sql"


@app.command("check-db")
def check_db(
    ctx: typer.Context,
    database: DatabaseName = None,
    every: AllDatabases = False,
    out: Annotated[SchemaFormat, typer.Option("--out", "-o", help="Output format.")] = SchemaFormat.txt,
    verbose: Verbose = False,
) -> None:
    """Show what is in the database: tables, columns, keys, indexes, types, views, and the tables of DBWarden."""
    from dbwarden.api.check_db import check_db as read

    session = Session.of(ctx)
    flags = session.flags
    if out is SchemaFormat.json:
        session = session.with_json()
    show, title = {SchemaFormat.yaml: (_show_yaml, "# {}"), SchemaFormat.sql: (_show_sql, "-- {}")}.get(
        out, (None, "{}")
    )
    with waiting(session) as events:
        session.run_for_databases(
            database,
            every,
            lambda name: read(name, ddl=out is SchemaFormat.sql, config=flags.config, dev=flags.dev, events=events),
            show or (lambda view, report: _show(view, report, verbose)),
            title,
        )


def _show_yaml(view: View, report: CheckDbReport) -> None:
    import yaml

    from dbwarden.api.report import to_json

    view.sql(yaml.safe_dump(to_json(report), sort_keys=False, allow_unicode=True, width=10_000))


def _show_sql(view: View, report: CheckDbReport) -> None:
    view.sql(report.script)
    for refused in report.refused:
        view.warning(refused)


def _show(view: View, report: CheckDbReport, verbose: bool) -> None:
    for note in report.notes:
        view.warning(note)
    show_host_drift(view, report.host_drift)
    view.line(f"Database {report.database} ({report.server}): {counted(len(report.tables), 'table')}")
    for table in report.tables:
        _show_table(view, table)
    if report.objects:
        view.gap()
        view.heading("Other objects")
        for item in report.objects:
            first, *more = item.definition.splitlines() or [""]
            view.line(f"  {item.kind} {item.name}" + (f": {first}" if first else ""))
            for line in more if verbose else ():
                view.line(f"    {line}")
    if report.access:
        view.gap()
        view.heading("Accounts and rights, which migrations leave alone")
        for right in report.access:
            view.line(f"  {right.kind} {right.name} {right.definition}".rstrip())
    if report.hidden_access and verbose:
        view.gap()
        view.line(f"Not visible to this account: {', '.join(report.hidden_access)}")
    if report.own_tables:
        view.gap()
        view.heading("Tables that DBWarden keeps here")
        for own in report.own_tables:
            view.line(f"  {own.name} ({counted(own.rows, 'row')})")


def _show_table(view: View, table: TableLines) -> None:
    view.gap()
    view.heading(f"Table {table.name}" + (f"  -- {table.comment}" if table.comment else ""))
    view.columns([_cells(column) for column in table.columns], indent=2)
    for member in table.members:
        view.line("  " + " ".join(part for part in (member.kind, member.name, member.definition) if part))
    for key, value in table.options.items():
        view.line(f"  {key}: {value}")


def _cells(column: ColumnLine) -> tuple[str, ...]:
    default = f"default {column.default}" if column.default is not None else ""
    return (column.name, column.type, "" if column.nullable else "not null", default, column.extra)
