"""Foreign servers and foreign tables: their options, their statements, and what a table without rows of its own lacks.

A foreign table is a ``Table`` with the options ``server`` and ``foreign_options``, and a column of it has ``foreign_options``:
``name='value', other='value'``, sorted. Keys, foreign keys and indexes of its model are for the mapper alone
(https://www.postgresql.org/docs/current/sql-createforeigntable.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dbwarden.core.change import Alter, Change
from dbwarden.core.ddl.cursor import Cursor, cursor
from dbwarden.core.model import Check, Column, Definition, Identity, Member, Object, Schema, Table
from dbwarden.core.options import OptionSpec
from dbwarden.core.redaction import SECRET_KEY
from dbwarden.core.tokens import literal as value_of
from dbwarden.core.tokens import unquoted
from dbwarden.core.types import Expression, Ref
from dbwarden.dialects.base.names import literal
from dbwarden.errors import ModelReadError

from . import names
from .words import LEXICAL_RULES

OPTIONS = OptionSpec("foreign_options", pairs=True)
"""Options of a foreign table, or of a column of one."""
_SECRET = re.compile(SECRET_KEY, re.IGNORECASE)
_HEADS = (
    (re.compile(r"^CREATE (?:UNLOGGED )?TABLE "), "CREATE FOREIGN TABLE "),
    (re.compile(r"^ALTER TABLE "), "ALTER FOREIGN TABLE "),
    (re.compile(r"^DROP TABLE "), "DROP FOREIGN TABLE "),
    (re.compile(r"^COMMENT ON TABLE "), "COMMENT ON FOREIGN TABLE "),
)


# -- options ----------------------------------------------------------------------------------------------------------


def text_of(options: Mapping[str, Any]) -> str | None:
    """Options as the text that a ``Table`` or ``Column`` has."""
    return OPTIONS.join({name: _quoted(str(value)) for name, value in options.items()})


def from_catalogue(options: Iterable[str] | None) -> str | None:
    """The text of an array of options in the catalogue: ``{name=value}``."""
    return text_of({name: value for name, _, value in (option.partition("=") for option in options or ())})


def canonical_text(text: str) -> str:
    """Options with quoted values, sorted by name."""
    split = OPTIONS.split(text)
    return (
        OPTIONS.join({name: value if value.startswith("'") else _quoted(value) for name, value in split.items()}) or ""
    )


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def values(text: str | None) -> dict[str, str]:
    """Options by name, without quotes."""
    return {name: value[1:-1].replace("''", "'") for name, value in OPTIONS.split(text).items()}


def clause(options: Mapping[str, str]) -> str:
    """``OPTIONS (name 'value')``; empty for no options."""
    listed = ", ".join(f"{names.quote(name)} {literal(value)}" for name, value in sorted(options.items()))
    return f"OPTIONS ({listed})" if listed else ""


def changes_clause(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """``OPTIONS (ADD a 'b', SET c 'd', DROP e)``; empty if there is nothing to change."""
    parts = [f"DROP {names.quote(name)}" for name in sorted(old) if name not in new]
    for name, value in sorted(new.items()):
        if old.get(name) != value:
            parts.append(f"{'SET' if name in old else 'ADD'} {names.quote(name)} {literal(value)}")
    return f"OPTIONS ({', '.join(parts)})" if parts else ""


# -- tables -----------------------------------------------------------------------------------------------------------


def is_foreign(item: object) -> bool:
    """Whether a table is on another server."""
    return isinstance(item, Table) and item.options.get("server") is not None


def concerns(change: Change, before: Schema, after: Schema) -> bool:
    """Whether a change is one of a foreign table, of its columns or of its constraints."""
    item = change.after if isinstance(change, Alter) else getattr(change, "object", None)
    if is_foreign(item):
        return True
    if not isinstance(item, Column | Member):
        return False
    table = getattr(change, "on", None) or change.ref.owner
    return any(is_foreign(schema.get(table)) for schema in (after, before))


def statements(change: Change, printed: Sequence[str]) -> tuple[str, ...]:
    """Statements of a change of a table as those of a foreign table."""
    done = tuple(map(_as_foreign, printed))
    match change:
        case Alter(before=Column() as old, after=Column() as new, on=Ref() as table):
            changed = changes_clause(values(old.options.get(OPTIONS.key)), values(new.options.get(OPTIONS.key)))
            if changed:
                done = (*done, f"ALTER FOREIGN TABLE {names.of(table)} ALTER COLUMN {names.quote(new.name)} {changed}")
    return done


def _as_foreign(statement: str) -> str:
    """A statement about a table as one about a foreign table, whose columns are converted elsewhere: without USING."""
    for head, replacement in _HEADS:
        if head.match(statement):
            return head.sub(replacement, statement, count=1)
    return statement


def column_clause(column: Column) -> str:
    """OPTIONS of a column of a foreign table, behind its type."""
    return clause(values(column.options.get(OPTIONS.key)))


def table_clause(table: Table) -> str:
    """SERVER and OPTIONS behind the columns."""
    server = table.options.get("server")
    if server is None:
        return ""
    options = clause(values(table.options.get(OPTIONS.key)))
    return f" SERVER {names.quote(server)}" + (f" {options}" if options else "")


def without_keys(objects: dict[Ref, Object]) -> bool:
    """Remove the members that a foreign table cannot have: all but its checks. Returns whether there were any."""
    foreign = {ref for ref, item in objects.items() if is_foreign(item)}
    if not foreign:
        return False
    gone = [
        ref
        for ref, item in objects.items()
        if isinstance(item, Member) and item.table in foreign and not isinstance(item, Check)
    ]
    for ref in gone:
        del objects[ref]
    return bool(gone)


def identity(identity: Identity | None, table: Table) -> Identity | None:
    """The numbering of a column: a foreign table numbers no rows."""
    return None if is_foreign(table) else identity


OTHER_SERVER = "a table that exists cannot move to or from another server: drop it and create another one"


def table_changes(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """The OPTIONS clause that changes those of a foreign table."""
    return changes_clause(values(old.get(OPTIONS.key)), values(new.get(OPTIONS.key)))


# -- servers ----------------------------------------------------------------------------------------------------------


def declared(item: Any) -> Definition:
    """The definition of a declared server. Raises ``ModelReadError`` for an option that is a secret."""
    options = {str(name): str(value) for name, value in (item.options or {}).items()}
    refuse_secrets(f"foreign server {item.name}", options)
    wrapper = getattr(item.wrapper, "name", item.wrapper)
    text = server_text(item.name, str(wrapper), item.type, item.version, options)
    needs = frozenset((Ref("extension", str(wrapper)),))
    return Definition("foreign_server", item.name, Expression(text), comment=item.comment, needs=needs)


def refuse_secrets(where: str, options: Mapping[str, str]) -> None:
    """Raise ``ModelReadError`` for an option whose value would be a secret in a file."""
    secret = next((name for name in options if _SECRET.fullmatch(name)), None)
    if secret is not None:
        reason = f"its option {secret} is a secret, and migration files are no place for one"
        hint = f"Leave {secret} out and set it on the server: an option that is not declared stays as it is."
        raise ModelReadError(where=where, reason=reason, hint=hint)


def server_text(name: str, wrapper: str, type_: str | None, version: str | None, options: Mapping[str, str]) -> str:
    """CREATE SERVER with the clauses in the order of the manual, and the options sorted."""
    parts = (
        f"CREATE SERVER {names.quote(name)}",
        f"TYPE {literal(type_)}" if type_ else "",
        f"VERSION {literal(version)}" if version else "",
        f"FOREIGN DATA WRAPPER {names.quote(wrapper)}",
        clause(options),
    )
    return " ".join(filter(None, parts))


def server_clauses(sql: str) -> dict[str, Any]:
    """Type, version, wrapper and options in CREATE SERVER."""
    at = cursor(sql, LEXICAL_RULES)
    found: dict[str, Any] = {"type": None, "version": None, "wrapper": "", "options": {}}
    at.until("TYPE", "VERSION", "FOREIGN")
    for word in ("TYPE", "VERSION"):
        if at.skip(word) and (token := at.take()) is not None:
            found[word.lower()] = value_of(token)
    if at.skip("FOREIGN", "DATA", "WRAPPER"):
        found["wrapper"] = at.name()
    if at.skip("OPTIONS"):
        found["options"] = options_at(at)
    return found


def options_at(at: Cursor) -> dict[str, str]:
    """The options between parentheses: ``(name 'value', other 'value')``."""
    options: dict[str, str] = {}
    for item in at.items(at.group()):
        name, value = item.take(), item.token()
        if name is not None and value is not None:
            options[unquoted(name, LEXICAL_RULES)] = value_of(value)
    return options


def alters_server(before: Definition, after: Definition) -> bool:
    """Whether ALTER SERVER makes the change: it changes the version and the options."""
    old, new = server_clauses(before.sql.text), server_clauses(after.sql.text)
    return (old["type"], old["wrapper"]) == (new["type"], new["wrapper"]) and not (
        old["version"] and not new["version"]
    )


def alter_server(before: Definition, after: Definition) -> Iterator[str]:
    """ALTER SERVER with its version and the options that differ."""
    old, new = server_clauses(before.sql.text), server_clauses(after.sql.text)
    version = f"VERSION {literal(new['version'])}" if old["version"] != new["version"] else ""
    changed = " ".join(filter(None, (version, changes_clause(old["options"], new["options"]))))
    if changed:
        yield f"ALTER SERVER {names.quote(after.name)} {changed}"
