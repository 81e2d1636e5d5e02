"""dbwarden comment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dbwarden.errors import UsageError

from .options import command
from .session import Session
from .view import View

if TYPE_CHECKING:
    from dbwarden.api.comment import CommentReport

app = command()
_WORDS = {
    "created": "Wrote the comment",
    "updated": "Updated the comment",
    "unchanged": "The comment says this already",
    "none": "There is no comment to update",
}


@app.command()
def comment(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Report of `check --out markdown`; - for stdin.")],
    number: Annotated[
        int | None,
        typer.Option("--number", metavar="N", min=1, help="Number of the pull request (default: that of the CI job)."),
    ] = None,
    only_update: Annotated[
        bool, typer.Option("--only-update", help="Write nothing if there is no comment yet.")
    ] = False,
) -> None:
    """Write a report as a comment on the pull request that this CI job runs for; update it the next time.

    For GitHub Actions (GITHUB_TOKEN) and merge requests in GitLab CI (GITLAB_TOKEN). No database is contacted.
    """
    from dbwarden.api.comment import comment as run

    session = Session.of(ctx)
    report = run(_text(file), number=number, only_update=only_update)
    session.answer(report, _show)


def _text(file: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error


def _show(view: View, report: CommentReport) -> None:
    view.line(f"{_WORDS[report.action]}{f': {report.url}' if report.url else '.'}")
