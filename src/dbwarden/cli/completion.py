"""Shell completion.

When TAB is pressed, the shell runs ``dbwarden`` with ``_DBWARDEN_COMPLETE`` set, and Typer prints the candidates. Nothing
else may reach the terminal, neither errors nor the output of a configuration.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

import typer

from dbwarden.errors import DBWardenError

from .session import GLOBAL_OPTIONS

if TYPE_CHECKING:
    from dbwarden.api.completion import Suggestion

VARIABLE = "_DBWARDEN_COMPLETE"
_LEVELS = ("INFO", "WARN", "CRITICAL")


def is_requested() -> bool:
    """Whether this process was started for completion."""
    return os.environ.get(VARIABLE, "").startswith("complete_")


def prepare() -> None:
    """Silence stderr, and join ``--option = value``, which bash splits, into one word."""
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    sys.excepthook = lambda *_: None
    if {"COMP_WORDS", "COMP_CWORD"} <= set(os.environ) and os.environ["COMP_CWORD"].isdecimal():
        words, at = _join_words(os.environ["COMP_WORDS"].split("\n"), int(os.environ["COMP_CWORD"]))
        os.environ["COMP_WORDS"], os.environ["COMP_CWORD"] = "\n".join(words), str(at)


def _join_words(words: Sequence[str], at: int) -> tuple[list[str], int]:
    """Join ``--out``, ``=``, ``js`` into one word; return the words, and the new position of the word at ``at``."""
    joined: list[str] = []
    position = at
    for index, word in enumerate(words):
        previous = joined[-1] if joined else ""
        if previous.startswith("--") and (word == "=" or (previous.endswith("=") and words[index - 1] == "=")):
            joined[-1] += word
            position -= index <= at
        else:
            joined.append(word)
    return joined, position


# -- values -------------------------------------------------------------------------------------------------------


def complete_database(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Names of databases."""
    from dbwarden.api.completion import database_names

    return _matching(incomplete, lambda: database_names(_config(ctx)))


def complete_version(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Versions of migrations."""
    from dbwarden.api.completion import versions

    return _matching(incomplete, lambda: versions(_config(ctx), _database(ctx)))


def complete_version_or_zero(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Versions of migrations, and 0 for the state before the first one."""
    zero = [("0", "everything")] if "0".startswith(incomplete) else []
    return [*zero, *complete_version(ctx, incomplete)]


def complete_migration(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Versions and names of migrations; for a path, the shell completes files."""
    from dbwarden.api.completion import migrations

    return _matching(incomplete, lambda: migrations(_config(ctx), _database(ctx)))


def complete_backup(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Backups of the database; other files are completed by the shell."""
    from dbwarden.api.completion import backups

    return _matching(incomplete, lambda: backups(_config(ctx), _database(ctx)))


def complete_rule(incomplete: str) -> list[tuple[str, str]]:
    """Names of rules."""
    from dbwarden.api.completion import rules

    return _matching(incomplete, rules)


def complete_level(incomplete: str) -> list[str]:
    """Severities, in lower case if the word begins in lower case."""
    return [
        level for word in _LEVELS if (level := word.lower() if incomplete.islower() else word).startswith(incomplete)
    ]


def _matching(incomplete: str, read: Callable[[], Sequence[Suggestion]]) -> list[tuple[str, str]]:
    try:
        with _suppress_output():
            candidates = read()
    except (DBWardenError, OSError):
        return []
    return [(candidate.value, candidate.help) for candidate in candidates if candidate.value.startswith(incomplete)]


@contextmanager
def _suppress_output() -> Iterator[None]:
    """Discard output: the shell would take what a configuration prints for candidates."""
    sys.stdout.flush()
    stdout = os.dup(1)
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        os.dup2(nowhere.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(stdout, 1)
            os.close(stdout)


def _config(ctx: typer.Context) -> str | None:
    config: str | None = ctx.find_root().params.get("config")
    return config


def _database(ctx: typer.Context) -> str | None:
    database: str | None = ctx.params.get("database") or ctx.find_root().params.get("database")
    return database


# -- options ------------------------------------------------------------------------------------------------------


def offer_global_options(command: Any, root: Any) -> None:
    """Let ``command`` also complete the global options, which may follow it."""
    complete_own = command.shell_complete

    def complete(ctx: Any, incomplete: str) -> list[Any]:
        items: list[Any] = complete_own(ctx, incomplete)
        if not incomplete.startswith("-"):
            return items
        return items + [item for item in root.command.shell_complete(root, incomplete) if item.value in GLOBAL_OPTIONS]

    command.shell_complete = complete
