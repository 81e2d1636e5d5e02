"""dbwarden check."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dbwarden.errors import UsageError

from .completion import complete_level, complete_migration, complete_rule, complete_version_or_zero
from .findings import SEVERITY_STYLES, show_findings
from .hosts import show_host_drift
from .options import AllDatabases, DatabaseName, ExitCode, Offline, command
from .progress_output import waiting
from .session import Session
from .view import View, counted

if TYPE_CHECKING:
    from dbwarden.api.check import CheckReport
    from dbwarden.api.prove import ProveReport

app = command()
_LEVELS = ("INFO", "WARN", "CRITICAL")


class CheckFormat(StrEnum):
    """Formats of the output."""

    txt = "txt"
    json = "json"
    sarif = "sarif"
    markdown = "markdown"


@app.command()
def check(
    ctx: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Files to check: paths or versions.",
            show_default=False,
            autocompletion=complete_migration,
        ),
    ] = None,
    database: DatabaseName = None,
    every: AllDatabases = False,
    out: Annotated[CheckFormat, typer.Option("--out", "-o", help="Output format.")] = CheckFormat.txt,
    fail_on: Annotated[
        str,
        typer.Option(
            "--fail-on",
            metavar="LEVEL",
            help="Exit with 5 on findings of this severity or worse: INFO, WARN, CRITICAL.",
            autocompletion=complete_level,
        ),
    ] = "CRITICAL",
    force: Annotated[bool, typer.Option("--force", help="Exit with 0 whatever the findings.")] = False,
    prove: Annotated[
        str | None,
        typer.Option(
            "--prove",
            metavar="FILE",
            help="Try out a pending file again and rewrite its header.",
            autocompletion=complete_migration,
        ),
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option(
            "--explain", metavar="RULE", help="Show the documentation of a rule.", autocompletion=complete_rule
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="VERSION",
            help="Check files above this version; 0: all files.",
            autocompletion=complete_version_or_zero,
        ),
    ] = None,
    git_base: Annotated[
        str | None,
        typer.Option("--git-base", metavar="REF", help="Check files that are new or changed since this branch."),
    ] = None,
    offline: Offline = False,
    exit_code: ExitCode = False,
) -> None:
    """Check what migrate would run, and compare the models with the database: SAFE, INFO, WARN or CRITICAL.

    Exits with 5 on CRITICAL findings (see --fail-on). With --exit-code, exits with 4 if files are pending or models and
    database differ. If the database cannot be reached, checks the text of the files that are new on this branch.
    Executes nothing, except with --prove, which runs one file forward and back on a scratch database.
    """
    from dbwarden.api.check import check as run
    from dbwarden.api.check_selection import CheckSelection

    session, level = Session.of(ctx), fail_on.upper()
    if level not in _LEVELS:
        raise UsageError(f"--fail-on takes {', '.join(_LEVELS)}, not '{fail_on}'")
    if explain is not None:
        _explain(session, explain)
        return
    if out is CheckFormat.json:
        session = session.with_json()
    if prove is not None:
        _prove(session, prove, database)
        return
    flags = session.flags
    selection = CheckSelection(tuple(files or ()), since, git_base, other_folders=every)
    documents = (CheckFormat.markdown, CheckFormat.sarif)
    with waiting(session) as events:
        reports = session.run_for_databases(
            database,
            every,
            lambda name: run(
                name, config=flags.config, dev=flags.dev, offline=offline, selection=selection, events=events
            ),
            _show_nothing if out in documents else _show,
            "" if out in documents else "{}",
        )
    if out is CheckFormat.sarif and not flags.json:
        from dbwarden.api.sarif import to_sarif

        session.view.document(to_sarif(reports))
    if out is CheckFormat.markdown and not flags.json:
        from .check_markdown import to_markdown

        session.view.line(to_markdown(reports, _summary).rstrip("\n"))
    if not force and any(report.reaches(level) for report in reports):
        session.end(5)
    if exit_code and not all(report.clean for report in reports):
        session.end(4)


def _explain(session: Session, name: str) -> None:
    from dbwarden.api.check import explain

    page = explain(name)
    if session.flags.json:
        session.view.document({"rule": name, "documentation": page})
    else:
        session.view.line(page)


def _prove(session: Session, file: str, database: str | None) -> None:
    from dbwarden.api.prove import prove

    flags = session.flags
    with waiting(session) as events:
        reports = session.run_for_databases(
            database,
            False,
            lambda name: prove(file, name, config=flags.config, dev=flags.dev, events=events),
            _show_proof,
        )
    if not all(report.succeeded for report in reports):
        session.end(1)


def _show_proof(view: View, report: ProveReport) -> None:
    for note in report.notes:
        view.warning(note)
    for problem in report.problems:
        view.line(f"Failed: {problem}", style="bold red")
    for proof in report.proofs:
        view.line(f"{proof.header.capitalize()}: {proof.text}")
    end = "its header now says so" if report.succeeded else "its header is unchanged"
    view.line(f"{report.file}: {'tried out' if report.succeeded else 'not all steps succeeded'}; {end}.")


def _show(view: View, report: CheckReport) -> None:
    show_findings(view, report.findings)
    view.line(_summary(report), style=SEVERITY_STYLES[report.severity])
    show_host_drift(view, report.host_drift)
    for note in report.notes:
        view.warning(note)


def _show_nothing(view: View, report: CheckReport) -> None:
    """Show nothing: SARIF and Markdown are one document for all databases."""


def _summary(report: CheckReport) -> str:
    """Summary: ``CRITICAL: 1 critical finding, 2 warnings in 3 pending files; drift was not checked``."""
    counts = {
        level: sum(1 for finding in report.findings if finding.severity == level)
        for level in ("CRITICAL", "WARN", "INFO")
    }
    words = {
        "CRITICAL": ("critical finding", None),
        "WARN": ("warning", None),
        "INFO": ("thing to know", "things to know"),
    }
    parts = [counted(number, *words[level]) for level, number in counts.items() if number]
    summary = (", ".join(parts) or "nothing found") + _scope_phrase(report)
    return f"{report.severity}: {summary}; {_drift(report)}"


def _scope_phrase(report: CheckReport) -> str:
    """Files that were checked: `` in 2 pending files``, `` in 1 file new since main``."""
    if not report.files:
        return "; nothing is pending" if report.selection == "pending file" else f"; no {report.selection}"
    noun, file, more = report.selection.partition("file")
    return f" in {counted(len(report.files), noun + file)}{more}"


def _drift(report: CheckReport) -> str:
    other = f"database {report.database}" if report.compared_with == "database" else report.compared_with
    if report.differences is None:
        return "drift was not checked"
    if not report.differences:
        return f"models and {other} agree"
    return f"{counted(len(report.differences), 'difference')} between models and {other}"
