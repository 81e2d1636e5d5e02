"""CREATE FOREIGN TABLE of a schema file as a declaration."""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core.ddl.cursor import Cursor
from dbwarden.core.declared_object import DeclaredObject, Value
from dbwarden.errors import Unsupported

from . import foreign

_AFTER_TYPE = ("OPTIONS", "COLLATE", "CONSTRAINT", "NOT", "NULL", "CHECK", "DEFAULT", "GENERATED")


def declaration(at: Cursor, sql: str) -> Iterator[DeclaredObject]:
    """The table behind CREATE FOREIGN TABLE. Raises ``Unsupported`` for a clause that models cannot declare."""
    ref = at.table_name()
    columns: dict[str, Value] = {}
    checks: list[Value] = []
    for item in at.items(at.group()):
        if item.word() in ("CONSTRAINT", "CHECK"):
            checks.append(_check(item, sql))
        elif item.word() == "LIKE":
            raise _refused(sql, "LIKE copies what another table has at that moment: write its columns")
        else:
            name = item.name()
            columns[name] = _column(item, sql, checks)
    if not at.skip("SERVER"):
        raise _refused(sql, f"{at.word() or 'the end'} cannot be declared: partitions and heirs stay in migrations")
    named: dict[str, Value] = {"schema": ref.schema, "server": at.name(), "checks": tuple(checks)}
    if at.skip("OPTIONS"):
        named["options"] = foreign.options_at(at)
    yield DeclaredObject("ForeignTable", ref.name, columns, named)


def _column(at: Cursor, sql: str, checks: list[Value]) -> Value:
    """Type, NULL, default, collation and options of a column; its checks go to those of the table."""
    named: dict[str, Value] = {"type": at.source(at.until(*_AFTER_TYPE))}
    while not at.at_end:
        if at.skip("OPTIONS"):
            named["options"] = foreign.options_at(at)
        elif at.skip("COLLATE"):
            named["collation"] = at.name()
        elif at.skip("NOT", "NULL"):
            named["nullable"] = False
        elif at.skip("DEFAULT"):
            named["default"] = at.source(at.until(*_AFTER_TYPE))
        elif at.word() in ("CONSTRAINT", "CHECK"):
            checks.append(_check(at, sql))
        elif not at.skip("NULL"):
            raise _refused(sql, f"{at.word()} of a column cannot be declared in a file: write it in the models")
    return named


def _check(at: Cursor, sql: str) -> Value:
    """Name and condition of a check."""
    name = at.name() if at.skip("CONSTRAINT") else None
    if not at.skip("CHECK"):
        raise _refused(sql, f"a foreign table has no {at.word()}")
    condition: Value = {"name": name, "condition": at.source(at.group())}
    at.skip("NO", "INHERIT")
    return condition


def _refused(sql: str, reason: str) -> Unsupported:
    return Unsupported(feature=" ".join(sql.split())[:60], dialect="a schema file", reason=reason)
