"""List of commands, and the only place where errors become messages and exit codes.

A command's module is imported when the command is called. ``COMMANDS`` has its name and one line of help, so that
``dbwarden --help`` imports no command, and no command imports SQLAlchemy before it runs.
"""

from __future__ import annotations

import codecs
import errno
import gc
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from functools import partial
from importlib import import_module
from types import TracebackType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from dbwarden.api.signals import end_after
from dbwarden.errors import DBWardenError, UsageError

from . import completion
from .completion import complete_database
from .session import LOG_FORMAT_VARIABLE, Globals, Session, globals_first, sorted_out
from .streams import IN_ASCII, in_ascii, release_stdout, results
from .values import read_plainly

COMMANDS = {
    "init": "Write a configuration and create the folders.",
    "make-migrations": "Compare the models with the database and write one migration file.",
    "new": "Write an empty migration file.",
    "renumber": "Give migrations new numbers after a merge.",
    "migrate": "Apply pending migrations.",
    "rollback": "Roll back applied migrations, newest first.",
    "downgrade": "Return to a version: roll back everything above it.",
    "make-rollback": "Write the missing rollback of a migration file.",
    "restore": "Restore a database from a backup.",
    "doctor": "Examine configuration, models, servers and accounts, with a remedy for each problem.",
    "status": "Show what is applied, pending, edited, missing or failed.",
    "history": "Show every event in order: applied, rolled back, failed.",
    "diff": "Show how the models differ from the database.",
    "check": "Check pending files, and compare the models with the database.",
    "comment": "Write the report of a check as a comment on the pull request of a CI job.",
    "explain": "Explain what a migration locks, rewrites and breaks, and for how long.",
    "check-db": "Show what is in the database.",
    "snapshot": "Show the SQL of a table and everything that belongs to it.",
    "report": "Write an HTML page about the databases: diagram, changes, findings, history.",
    "diagram": "Draw the tables of a database and their relations.",
    "check-impact": "Show where the code still uses what a migration takes away.",
    "lock-status": "Show whether the migration lock is held, and by whom.",
    "unlock": "Release the migration lock of a process that is gone.",
    "export-models": "Write the schema of the models into the state file, for --offline.",
    "merge-state": "Merge two state files, for git.",
    "generate-models": "Write SQLAlchemy models from the database.",
    "seed": "Fill tables with rows that belong to the application.",
    "config": "Show the configuration: where it comes from and what it declares.",
    "settings": "Show the settings of a database.",
    "database": "List the configured databases.",
    "version": "Show the version.",
}
"""Every command in the order of ``--help``; the module of ``make-migrations`` is ``cli/make_migrations.py``."""

SYNONYMS = {
    "upgrade": "migrate",
    "up": "migrate",
    "apply": "migrate",
    "down": "rollback",
    "undo": "rollback",
    "revision": "make-migrations",
    "makemigrations": "make-migrations",
    "generate": "make-migrations",
    "current": "status",
    "heads": "status",
    "showmigrations": "status",
    "show": "status",
    "log": "history",
    "stamp": "migrate --baseline",
    "fake": "migrate --baseline",
    "baseline": "migrate --baseline",
    "sqlmigrate": "migrate --dry-run",
    "inspectdb": "generate-models",
    "loaddata": "seed apply",
    "dumpdata": "seed export",
    "seeds": "seed list",
}
"""Names of our commands in other tools. They are suggested in the error but not run, because their options differ."""

_EPILOG = (
    "The options above may also follow the command. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration,"
    " 3 lock held, 4 differences or pending work found, 5 refused as unsafe."
)
_CLICK_ERROR: type[Exception] = typer.BadParameter.__mro__[2]
"""Click's base class of errors. Newer versions of Typer include their own Click, and export it under no other name."""


class LogFormat(StrEnum):
    """Format of what is written to stderr."""

    text = "text"
    json = "json"


class _Lazy(Mapping[str, Any]):
    """Commands by name, each imported on first use."""

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        return read_plainly(get_command(import_module(f"dbwarden.cli.{name.replace('-', '_')}").app))

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


_HELP = {"help_option_names": ["--help", "-h"], "max_content_width": 10_000}
"""Settings that every command inherits. The help is as wide as the terminal."""


class Commands(TyperGroup):
    """The group of all commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Lazy()  # type: ignore[assignment]

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Make the context. For completion, global options are moved to the front, as they are when a command runs."""
        if extra.get("resilient_parsing"):
            front, database, rest = sorted_out(args)
            args = [*front, *database, *rest]
        return super().make_context(info_name, args, parent, **extra)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if ctx.resilient_parsing:
            name, command, rest = super().resolve_command(ctx, args)
            if command is not None:
                completion.offer_global_options(command, ctx)
            return name, command, rest
        if args and args[0] in SYNONYMS:
            raise UsageError(
                f"There is no command '{args[0]}'",
                hint=f"Use `dbwarden {SYNONYMS[args[0]]}`: other tools call it `{args[0]}`.",
            )
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(cls=Commands, rich_markup_mode=None, no_args_is_help=True, epilog=_EPILOG, context_settings=_HELP)


def _print_version(asked: bool) -> None:
    if asked:
        from dbwarden.api.version import version

        typer.echo(f"dbwarden {version().version}")
        raise typer.Exit


@app.callback()
def dbwarden(
    ctx: typer.Context,
    dev: Annotated[bool, typer.Option("--dev", help="Use the development database.")] = False,
    strict_translation: Annotated[
        bool, typer.Option("--strict-translation", help="With --dev: fail if something has no exact equivalent.")
    ] = False,
    config: Annotated[
        str | None, typer.Option("--config", metavar="FILE", help="Configuration file, folder or module.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show the log (statements, locks) and the traceback of an error."),
    ] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours (as with NO_COLOR=1).")] = False,
    log_format: Annotated[
        LogFormat,
        typer.Option(
            "--log-format",
            envvar=LOG_FORMAT_VARIABLE,
            show_envvar=False,
            show_default=False,
            help="json: messages and the log from INFO on, one JSON object a line (on stderr).",
        ),
    ] = LogFormat.text,
    database: Annotated[
        str | None, typer.Option("--database", "-d", hidden=True, autocompletion=complete_database)
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """SQLAlchemy models -> one reviewed SQL file -> applied, rolled back, explained."""
    # ``database`` is for completion only: ``globals_first`` has moved it behind the command.
    ctx.obj = Session(Globals(dev, strict_translation, config, json, debug, not no_color, log_format.value))


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command and end the process with its exit code; this is the console script."""
    # A command's objects mostly live to its end. Garbage collection among them would take a quarter of its time.
    gc.set_threshold(500_000)
    arguments = sys.argv[1:] if argv is None else argv
    if completion.is_requested():
        completion.prepare()
        sys.exit(_guarded([]))
    session = Session(Globals.of(globals_first(arguments)[0]))
    sys.excepthook = partial(_excepthook, session)
    with end_after(partial(_end, session)):
        code = _guarded(arguments)
    gc.freeze()
    sys.exit(code)


def _end(session: Session, error: DBWardenError) -> None:
    """End the process from another thread, while the main one waits for a server that does not answer."""
    with suppress(OSError, ValueError):
        session.view.show_cursor()
        session.fail(error)
        results().flush()
    os._exit(error.exit_code)


def _excepthook(session: Session, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Report an exception that nobody caught; Python then ends the process with exit code 1."""
    if isinstance(error, Exception):
        session.bug(error)
    else:
        sys.__excepthook__(kind, error, trace)


def run(argv: Sequence[str]) -> int:
    """Run a command line in a process that goes on; return its exit code, and restore stdout."""
    try:
        return _guarded(argv)
    finally:
        release_stdout()


def _guarded(argv: Sequence[str]) -> int:
    """Run a command line and return its exit code. Every expected error is shown here, as one message."""
    front, rest = globals_first(argv)
    session = Session(Globals.of(front))
    _make_streams_safe()
    try:
        code = _run(session, [*front, *rest])
        results().flush()
        return code
    except BrokenPipeError:
        _silence()  # the reader has closed the pipe
        return 141
    except OSError as error:
        if error.errno not in _NO_ROOM or error.filename is not None:
            raise
        _silence()
        session.view.diagnostic(f"Error: The output cannot be written: {error.strerror}", style="bold red")
        return 1


def _run(session: Session, argv: Sequence[str]) -> int:
    try:
        _check_folder()
        code = _group().main([*argv], prog_name="dbwarden", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except DBWardenError as error:
        return session.fail(error)
    except _CLICK_ERROR as error:
        return _usage(session, error)
    except (KeyboardInterrupt, typer.Abort):
        session.view.diagnostic("Interrupted.")
        return 130


def _group() -> Any:
    group: Any = get_command(app)
    commands, group.commands = group.commands, {}  # each command is adapted when it is loaded
    read_plainly(group)
    group.commands = commands
    return group


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Error numbers of a failed write to a stream."""


def _silence() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), results().fileno())


def _check_folder() -> None:
    try:
        os.getcwd()
    except FileNotFoundError:
        raise UsageError("The working directory does not exist any more: cd to the project's folder") from None


def _make_streams_safe() -> None:
    """Replace closed streams (``>&-``) by empty ones, and write characters that an encoding lacks in ASCII, instead of failing."""
    codecs.register_error(IN_ASCII, in_ascii)
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115  it lives as long as the process
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=IN_ASCII)


def _usage(session: Session, error: Any) -> int:
    code: int = getattr(error, "exit_code", 2)
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return code
    if session.flags.json:
        session.view.document({"error": session.problem("UsageError", error.format_message(), None, code)})
    if session.view.structured:
        session.view.error(error.format_message(), None, code="UsageError", exit_code=code)
    elif not session.flags.json:
        error.show()
    return code
