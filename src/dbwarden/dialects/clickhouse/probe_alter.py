"""Probing of mutations and of the clauses of ALTER TABLE."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from dbwarden.core.ddl.alter import clause_tokens
from dbwarden.core.ddl.cursor import Cursor
from dbwarden.core.ddl.parse import cursor_at
from dbwarden.core.ddl.statements import AlterTable, Delete, Update
from dbwarden.core.types import Ref

from .background import of_table
from .mutations import mutation_key
from .probe_catalog import Look, SystemTables
from .statements import grammar
from .versions import FORMAT_QUERY, has
from .words import string_literal

# -- mutations ------------------------------------------------------------------------------------------------------


def mutated(table: Ref, command: str, catalog: SystemTables) -> bool | None:
    """Whether a command is among the mutations since the statement was about to be sent; all of them are done by now.

    A mutation that was killed is gone from there. If the server has reported its failure, some parts may be rewritten.
    """
    later = "" if catalog.since is None else f" AND create_time >= toDateTime({int(catalog.since.timestamp())})"
    where = f"mutations WHERE {of_table(table, catalog.database)}{later}"
    if has(catalog.server.version, FORMAT_QUERY):
        formatted = "formatQuerySingleLine(concat('ALTER TABLE t ', command))"
        wanted = f"formatQuerySingleLine({string_literal(f'ALTER TABLE t {command}')})"
        there = catalog.exists(f"{where} AND {formatted} = {wanted}")
    else:
        there = any(mutation_key(text) == mutation_key(command) for text in catalog.column("command", where))
    if there:
        return True if catalog.since is not None else None
    return None if catalog.refused else False


def lightweight_command(sql: str, parsed: Update | Delete) -> str:
    """The command that the server makes of UPDATE and DELETE."""
    at = cursor_at(sql, grammar())
    at.find("WHERE")
    condition = at.source(at.rest())
    if isinstance(parsed, Delete):
        return f"UPDATE _row_exists = 0 WHERE {condition}"
    at = cursor_at(sql, grammar())
    at.find("SET")
    return f"UPDATE {at.source(at.rest())}"


# -- ALTER TABLE ----------------------------------------------------------------------------------------------------


_MUTATIONS = ("UPDATE", "DELETE")
_ELEMENTS = ("INDEX", "PROJECTION", "CONSTRAINT")
_ONCE = frozenset(("DETACH", "ATTACH", "MOVE", "REPLACE", "FETCH"))
"""First words of clauses on partitions that nothing shows and that do harm twice."""


def probes_of_clauses(sql: str, parsed: AlterTable) -> Iterator[Look]:
    """Probing functions of the clauses that show whether they had their effect; the others may run again."""
    at = cursor_at(sql, grammar())
    at.find("ALTER")
    at.skip("TABLE")
    at.skip("IF", "EXISTS")
    at.table_name()
    while not at.at_end:
        if at.word() in _MUTATIONS:
            start = at.at
            at.until("WHERE")
            at.until(",")
            yield partial(mutated, parsed.table, at.source(at.between(start)))
        elif tokens := clause_tokens(at):
            look = _clause(at.inner(tokens), parsed.table)
            if look is not None:
                yield look
        at.skip(",")


def _clause(at: Cursor, table: Ref) -> Look | None:
    """Probing function of a clause; ``None`` if it may run again."""
    verb = at.word()
    if verb in _ONCE:
        return lambda catalog: False if catalog.refused else None
    at.take()
    if at.word() not in ("COLUMN", *_ELEMENTS) or verb not in ("ADD", "DROP", "RENAME"):
        return None
    kind = at.word()
    at.take()
    if at.skip("IF", "NOT", "EXISTS") or at.skip("IF", "EXISTS"):
        return None
    name = at.name()
    if verb == "RENAME":
        at.skip("TO")
        return partial(_column_renamed, table, name, at.name())
    return partial(
        _column_is_there if kind == "COLUMN" else partial(_element_is_there, kind), table, name, verb == "ADD"
    )


def _column_is_there(table: Ref, name: str, wanted: bool, catalog: SystemTables) -> bool:
    return any(column == name or column.startswith(f"{name}.") for column in catalog.columns(table)) is wanted


def _column_renamed(table: Ref, old: str, new: str, catalog: SystemTables) -> bool:
    return _column_is_there(table, new, True, catalog) and _column_is_there(table, old, False, catalog)


def _element_is_there(kind: str, table: Ref, name: str, wanted: bool, catalog: SystemTables) -> bool:
    at = cursor_at(catalog.definition(table), grammar())
    at.find("(")
    at.at -= 1
    elements = at.items(at.group())
    return any(element.skip(kind) and element.name() == name for element in elements) is wanted
