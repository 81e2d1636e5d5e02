"""The rollback of a migration as the history keeps it, for when the file is missing."""

from __future__ import annotations

import re

from .sqltext import LexicalRules, SqlStatement, split

GENERATED = "-- generated\n"
"""First line of a generated file's rollback in the history; if the file is missing, it proves which tables are generated."""

_STORED_RUNNER = re.compile(rf"(?:{GENERATED})?-- runner: (\S+)\n")


def stored_as_generated(sql: str | None) -> bool:
    """Whether a rollback stored in the history is that of a generated file."""
    return sql is not None and sql.startswith(GENERATED)


def stored_runner(sql: str | None) -> str | None:
    """The runner of a rollback stored in the history."""
    match = _STORED_RUNNER.match(sql or "")
    return match[1] if match else None


def stored_rollback(sql: str | None, lexical_rules: LexicalRules) -> tuple[tuple[SqlStatement, ...], str | None]:
    """The statements of a rollback stored in the history, and the reason if it is irreversible."""
    sql = sql or ""
    if sql.startswith("-- irreversible: "):
        return (), sql.removeprefix("-- irreversible: ")
    return tuple(split(sql, lexical_rules)), None
