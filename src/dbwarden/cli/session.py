"""Session of one command: its global options, its view and its exit code."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer

from dbwarden.errors import DBWardenError, UsageError

from .streams import reserve_stdout
from .view import View

if TYPE_CHECKING:
    from dbwarden.api.all_databases import DatabaseOutcome

Report = TypeVar("Report")

LOG_FORMAT_VARIABLE = "DBWARDEN_LOG_FORMAT"
_DATABASE = ("-d", "--database")
_FLAGS = ("--dev", "--strict-translation", "--json", "--debug", "--no-color")
_VALUED = ("--config", "--log-format")
GLOBAL_OPTIONS = frozenset((*_FLAGS, *_VALUED))
"""Options that may come before or after a command."""


@dataclass(frozen=True, slots=True)
class Globals:
    """Global options of a run."""

    dev: bool = False
    strict_translation: bool = False
    config: str | None = None
    json: bool = False
    debug: bool = False
    color: bool = True
    log_format: str = "text"

    @classmethod
    def of(cls, front: Sequence[str]) -> Globals:
        """Read the global options that ``globals_first`` returns; needed for errors before Typer has parsed them."""
        values: dict[str, str | None] = {}
        words = iter(front)
        for word in words:
            name, given, value = word.partition("=")
            if name in _VALUED:
                values[name] = value if given else next(words, None)
        dev, strict, json, debug, plain = (flag in front for flag in _FLAGS)
        log_format = values.get("--log-format") or os.environ.get(LOG_FORMAT_VARIABLE) or "text"
        return cls(dev, strict, values.get("--config"), json, debug, not plain, log_format)

    @property
    def program(self) -> str:
        """Beginning of a suggested command, with the options of this run (``--config``, ``--dev``)."""
        words = ["dbwarden"]
        if self.config is not None:
            import shlex  # deferred: few give it

            words += ["--config", shlex.quote(self.config)]
        return " ".join([*words, "--dev"] if self.dev else words)


def globals_first(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split arguments into global options and the rest, in which ``--database`` is moved behind the command."""
    front, database, rest = sorted_out(argv)
    end = rest.index("--") if "--" in rest else len(rest)
    return front, [*rest[:end], *database, *rest[end:]]


def sorted_out(argv: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Split arguments into global options (anywhere before ``--``), ``--database`` before the command, and the rest."""
    front: list[str] = []
    database: list[str] = []
    rest: list[str] = []
    arguments = iter(argv)
    for argument in arguments:
        if argument == "--":
            rest += [argument, *arguments]
        elif argument in _FLAGS or (argument.partition("=")[0] in _VALUED and "=" in argument):
            front.append(argument)
        elif argument in _VALUED:
            front += [argument, *[value for value in [next(arguments, None)] if value is not None]]
        elif not rest and (argument in _DATABASE or argument.startswith("--database=")):
            database.append(argument)
            if argument in _DATABASE:
                database += [value for value in [next(arguments, None)] if value is not None]
        else:
            rest.append(argument)
    return front, database, rest


@dataclass(frozen=True)
class Session:
    """Session of a command: the global options and the view."""

    flags: Globals
    view: View = field(init=False)

    def __post_init__(self) -> None:
        structured = self.flags.log_format == "json"
        object.__setattr__(self, "view", View(self.flags.color, self.flags.program, structured))
        if structured:
            from .log import write_log  # deferred: few ask for it

            write_log(self.flags.debug)
        elif self.flags.debug:
            from .log import show_log  # deferred, as above

            show_log(self.view.diagnostic)

    @classmethod
    def of(cls, ctx: typer.Context) -> Session:
        """Session of the running command; from now on stdout is reserved for its report."""
        reserve_stdout()
        session: Session = ctx.find_root().obj
        return session

    def with_json(self) -> Session:
        """This session as if ``--json`` had been given."""
        return Session(replace(self.flags, json=True))

    # -- one database, or all of them

    def run_for_databases(
        self,
        database: str | None,
        every: bool,
        use: Callable[[str | None], Report],
        show: Callable[[View, Report], None],
        title: str = "{}",
        result: Callable[[Report], str] | None = None,
        *,
        per_node: bool = False,
    ) -> list[Report]:
        """Call ``use`` with the database's name, or for ``--all`` with each name, or for ``--per-node`` with each host of its
        cluster; show and return the reports.

        With several, one that fails does not stop the others; the process then ends with 1. ``title`` is the heading above
        each report (none if it is empty). ``result`` summarises a report for a table at the end.
        """
        if every and per_node:
            raise UsageError("--all and --per-node cannot be given together")
        if not every and not per_node:
            report = use(database)
            self.answer(report, show)
            return [report]
        if every and database is not None:
            raise UsageError("--database and --all cannot be given together")
        outcomes = self._several(use, show, title, database, per_node)
        failed = [outcome for outcome in outcomes if outcome.error is not None]
        if result is not None and not self.flags.json:
            self.view.table(
                ("host" if per_node else "database", "result"),
                [(outcome.database, _result_cell(outcome, result)) for outcome in outcomes],
            )
        if failed:
            if not self.flags.json:
                noun, names = "hosts" if per_node else "databases", ", ".join(outcome.database for outcome in failed)
                self.view.diagnostic(f"Failed for {len(failed)} of {len(outcomes)} {noun}: {names}")
            raise typer.Exit(1)
        return [outcome.report for outcome in outcomes if outcome.report is not None]

    def _several(
        self,
        use: Callable[[str | None], Report],
        show: Callable[[View, Report], None],
        title: str,
        database: str | None,
        per_node: bool,
    ) -> list[DatabaseOutcome[Report]]:
        from dbwarden.api.all_databases import for_each_database, for_each_node
        from dbwarden.api.report import to_json

        documents: list[dict[str, Any]] = []
        outcomes: list[DatabaseOutcome[Report]] = []

        def titled(name: str) -> Report:
            if title and not self.flags.json:
                self.view.heading(title.format(name))
            return use(name)

        config = self.flags.config
        for outcome in for_each_node(titled, database, config) if per_node else for_each_database(titled, config):
            outcomes.append(outcome)
            if self.flags.json:
                documents.append(
                    {
                        "database": outcome.database,
                        "error": self.error_document(outcome.error),
                        **self._finished(outcome.error),
                    }
                    if outcome.error
                    else {**({"host": outcome.database} if per_node else {}), **to_json(outcome.report)}
                )
                continue
            if outcome.report is not None:
                show(self.view, outcome.report)
            if outcome.error is not None:
                self._show_error(outcome.error)
            if title:
                self.view.gap()
        if self.flags.json:
            self.view.document({"databases": documents})
        return outcomes

    def answer(self, report: Report, show: Callable[[View, Report], None]) -> None:
        """Show a report by ``show``, or with ``--json`` as the JSON document."""
        if self.flags.json:
            from dbwarden.api.report import to_json

            document = to_json(report)
            self.view.document({"databases": document} if isinstance(document, list) else document)
        else:
            show(self.view, report)

    def end(self, code: int) -> NoReturn:
        """End with an exit code, after all output."""
        raise typer.Exit(code)

    # -- errors

    def fail(self, error: DBWardenError) -> int:
        """Show an error and return its exit code."""
        if self.flags.debug:
            self._traceback(error)
        if self.flags.json:
            self.view.document({"error": self.error_document(error), **self._finished(error)})
        if not self.flags.json or self.view.structured:
            self._show_error(error)
        return error.exit_code

    def bug(self, error: Exception) -> None:
        """Show an unexpected error as a bug of DBWarden."""
        if self.flags.debug:
            self._traceback(error)
        text = f"This is a bug in DBWarden: {type(error).__name__}: {_masked(str(error))}"
        hint = "Please report it with what `dbwarden --debug ...` prints for the same command (passwords are masked)."
        if self.flags.json:
            self.view.document({"error": self.problem("Bug", text, hint, 1)})
        if not self.flags.json or self.view.structured:
            self.view.error(text, hint, code="Bug", exit_code=1)

    def problem(self, code: str, message: str, hint: str | None, exit_code: int) -> dict[str, Any]:
        """An error as in the JSON document."""
        advice = self.view.advice(hint) if hint is not None else None
        return {"code": code, "message": self.view.advice(message), "hint": advice, "exit_code": exit_code}

    def error_document(self, error: DBWardenError) -> dict[str, Any]:
        """An expected error as in the JSON document."""
        notes = [self.view.advice(note) for note in getattr(error, "__notes__", ())]
        return self.problem(error.code, error.message, error.hint, error.exit_code) | (
            {"notes": notes} if notes else {}
        )

    def _finished(self, error: DBWardenError) -> dict[str, Any]:
        """Files that were finished before the error."""
        if error.finished is None:
            return {}
        from dbwarden.api.report import to_json

        return {"migrations": to_json(error.finished)}

    def _show_error(self, error: DBWardenError) -> None:
        self.view.error(error.message, error.hint, code=error.code, exit_code=error.exit_code)
        for note in getattr(error, "__notes__", ()):
            self.view.warning(note)

    def _traceback(self, error: BaseException) -> None:
        import traceback

        self.view.diagnostic(_masked("".join(traceback.format_exception(error))).rstrip())


def _result_cell(outcome: DatabaseOutcome[Report], result: Callable[[Report], str]) -> str:
    if outcome.error is not None:
        words = outcome.error.message.splitlines()[0]
        return f"failed: {words if len(words) <= 100 else words[:99] + '…'}"
    return result(outcome.report) if outcome.report is not None else ""


def _masked(text: str) -> str:
    """``text`` without passwords of URLs, which a driver's exception may include."""
    from dbwarden.api.configuration import without_passwords

    return without_passwords(text)
