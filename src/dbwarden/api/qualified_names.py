"""Refuses, for schemas as targets of a fleet, files that name a schema: every target would change the same object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dbwarden import dialects
from dbwarden.core.dialect import Dialect
from dbwarden.core.engine import ENGINES
from dbwarden.core.sqltext import SqlStatement
from dbwarden.errors import QualifiedNames

from .migration_session import RunOptions
from .workspace import Workspace

_LISTED = 5


def refuse_qualified_names(
    workspace: Workspace,
    dialect: Dialect,
    files: Sequence[tuple[str, Sequence[SqlStatement]]],
    options: RunOptions,
) -> None:
    """Raise ``QualifiedNames`` if statements of ``files`` change an object of a named schema, or the search path."""
    if workspace.target is None or not workspace.target.by_schema or options.force:
        return
    anywhere = dialect.for_server(replace(dialect.server, default_schema=None))
    places = [
        f"{file}:{statement.line}: {problem}"
        for file, statements in files
        for statement in statements
        for problem in _problems(anywhere, statement)
    ]
    if places:
        more = [f"and {len(places) - _LISTED} more"] if len(places) > _LISTED else []
        listed = "".join(f"\n    {place}" for place in (*places[:_LISTED], *more))
        count = f"{len(places)} statement{'s' if len(places) > 1 else ''}"
        raise QualifiedNames(name=workspace.name, count=count, places=listed)


def _problems(dialect: Dialect, statement: SqlStatement) -> Iterator[str]:
    setting = ENGINES[dialect.name].namespace_option
    facts = dialect.facts(statement.text)
    named = next((ref for ref in facts.targets if ref.schema is not None), None)
    if named is not None:
        yield f"{facts.action} {named}"
    elif (
        setting
        and setting in statement.text.lower()
        and dialects.connector(dialect.name).changes_session(statement.text)
    ):
        yield f"changes {setting}"
