"""dbwarden make-migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dbwarden.errors import UsageError

from .changes import show_changes
from .drops import drop_flags, show_losses, show_unowned
from .editor import editor_command, open_editor
from .fills import fill_flags, show_unfilled
from .options import (
    AllDatabases,
    DatabaseName,
    DropTable,
    DropUnowned,
    Fill,
    KeepTable,
    Offline,
    Online,
    Rename,
    RenameTable,
    Verbose,
    command,
)
from .progress_output import waiting
from .renames import rename_flags, show_candidates
from .session import Session
from .view import View, counted, shown_path

if TYPE_CHECKING:
    from dbwarden.api.make_migrations import GeneratedFile, GenerationReport

app = command()


@app.command("make-migrations")
def make_migrations(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Name of the file, in a few words (default: its changes).")] = None,
    database: DatabaseName = None,
    every: AllDatabases = False,
    plan: Annotated[bool, typer.Option("--plan", help="Print the plan as JSON; write nothing.")] = False,
    sql: Annotated[bool, typer.Option("--sql", help="Print the file; write nothing.")] = False,
    rename: Rename = None,
    rename_table: RenameTable = None,
    offline: Offline = False,
    kind: Annotated[
        str,
        typer.Option(
            "--type", metavar="TYPE", help="roc: write what can be replaced as repeatable files (ROC__NAME.sql)."
        ),
    ] = "versioned",
    online: Online = True,
    fill: Fill = None,
    drop_table: DropTable = None,
    keep_table: KeepTable = None,
    drop_unowned: DropUnowned = False,
    proof: Annotated[
        bool | None,
        typer.Option("--proof/--no-proof", help="Try out upgrade and rollback first (default: unless large)."),
    ] = None,
    split: Annotated[bool, typer.Option("--split", help="Write a file for each concern, the safest first.")] = False,
    edit: Annotated[
        bool, typer.Option("--edit", help="Open the new file in your editor, then try out what was changed.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Compare the models with the database and write one migration file for what differs.

    Executes nothing, and writes nothing if nothing differs. On a terminal, a possible rename is asked about; elsewhere
    it becomes a drop and an add, unless --rename is given.
    """
    from dbwarden.api.comparison import CompareOptions
    from dbwarden.api.make_migrations import make_migrations as run

    session = Session.of(ctx)
    flags = session.flags
    if kind not in ("versioned", "roc"):
        raise UsageError(
            f"--type must be versioned or roc, not {kind!r}", hint="`dbwarden new NAME --type ra` writes an empty file."
        )
    if plan and sql:
        raise UsageError("--plan and --sql cannot be given together")
    if edit:
        if plan or sql:
            raise UsageError("--edit cannot be given together with --plan or --sql, which write no file")
        editor_command()
    if plan:
        session = session.with_json()
    renames = rename_flags(rename_table, rename, every, asks=not session.flags.json)
    fills = fill_flags(fill, every, asks=not session.flags.json)
    drops = drop_flags(drop_table, keep_table, every, asks=not session.flags.json)
    with waiting(session) as events:
        options = CompareOptions(
            drop_unowned,
            drops,
            fills,
            offline,
            renames,
            flags.dev,
            flags.strict_translation,
            online,
            events,
            kind == "roc",
        )
        reports = session.run_for_databases(
            database,
            every,
            lambda which: run(
                which,
                name,
                write=not (plan or sql),
                options=options,
                proof=proof,
                split=split,
                edit=open_editor if edit else None,
                config=flags.config,
            ),
            lambda view, report: _show_sql(view, report) if sql else _show(view, report, verbose),
            "-- {}" if sql else "{}",
            None if sql else _result,
        )
    if any(file.problems for report in reports for file in report.files):
        session.end(1)


def _result(report: GenerationReport) -> str:
    if report.empty:
        return "nothing to do"
    paths = [*(file.path for file in report.files), *(file.path for file in report.repeatables)]
    if any(paths):
        return ", ".join(path.name for path in paths if path is not None)
    return counted(len(report.changes), "change")


def _show_sql(view: View, report: GenerationReport) -> None:
    if report.empty:
        view.diagnostic(_nothing_to_do(report))
    for generated in report.files:
        view.sql(f"-- {generated.concern}\n\n{generated.text}" if generated.concern else generated.text)
    for file in report.repeatables:
        view.sql(f"-- {file.path.name}\n\n{file.text}")
    _show_notes(view, report)


def _show(view: View, report: GenerationReport, verbose: bool) -> None:
    if report.empty:
        view.line(_nothing_to_do(report))
        view.line(f"Modules:  {', '.join(report.modules)}")
        view.line(f"Compared: {', '.join(report.tables) or 'no tables'}")
        if report.state_file:
            view.line(f"Updated {shown_path(report.state_file)}")
    else:
        several = len(report.files) > 1
        for generated in report.files:
            if generated.path is not None:
                view.line(f"Created {shown_path(generated.path)}")
            for change in generated.changes if several else ():
                view.item(change.text)
        for repeatable in report.repeatables:
            view.line(f"Wrote {shown_path(repeatable.path)}")
        for path in report.removed:
            view.line(f"Removed {shown_path(path)}: what it created is no longer declared")
        show_changes(view, report, listed=not several)
        show_losses(view, report.data_losses)
        for generated in report.files if verbose else ():
            view.gap()
            view.sql(generated.text)
            view.gap()
        for generated in report.files:
            _show_edit(view, generated)
        if report.state_file:
            view.line(f"Updated {shown_path(report.state_file)}")
        files = "files" if several else "file"
        view.line(f"Next: read the {files}, then `dbwarden migrate -d {report.database}`.")
    show_unowned(view, report.unowned, verbose)
    for other in report.other_projects:
        view.line(f"Left alone, as another project made it: {other}")
    _show_notes(view, report)


def _show_edit(view: View, file: GeneratedFile) -> None:
    """Say what became of the proof of an edited file."""
    if not file.edited or file.path is None:
        return
    for problem in file.problems:
        view.line(f"Failed: {problem}", style="bold red")
    proven = file.proof is not None and file.proof.proven
    view.line(f"{file.path.name} was edited, and is {'proven again' if proven else 'unproven'}; its header says so.")


def _nothing_to_do(report: GenerationReport) -> str:
    other = f"database {report.database}" if report.compared_with == "database" else report.compared_with
    return f"Nothing to do: models and {other} agree in {counted(len(report.tables), 'table')}."


def _show_notes(view: View, report: GenerationReport) -> None:
    show_candidates(view, report.rename_candidates)
    show_unfilled(view, report.columns_to_fill)
    proofs = [(file.proof, file.variant_proof) for file in report.files] or [(report.proof, report.variant_proof)]
    reasons = (proof.text for both in proofs for proof in both if proof is not None and not proof.proven)
    for text in dict.fromkeys(reasons):
        view.warning(f"Unproven: {text}")
    for note in (*report.notes, *report.translation_losses):
        view.warning(note)
