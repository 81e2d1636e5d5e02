"""Policies of row-level security: their CREATE statement and its clauses, and ALTER POLICY."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dbwarden.core.model import Definition
from dbwarden.core.sqltext import TokenKind
from dbwarden.core.tokens import DEPTH, readable
from dbwarden.dialects.base.declarations import query_text
from dbwarden.errors import ModelReadError

from . import names
from .words import LEXICAL_RULES

_COMMANDS = frozenset(("ALL", "SELECT", "INSERT", "UPDATE", "DELETE"))
_SPECIAL = frozenset(("PUBLIC", "CURRENT_USER", "CURRENT_ROLE", "SESSION_USER"))
"""Words that stand for roles, in any letter case."""
_CLAUSES = ("AS", "FOR", "TO", "USING", "WITH")
_HINT = "Policy(name, on=table, using=..., with_check=..., command='SELECT', to='role') is the form."


def create_statement(item: Any, sqlalchemy: Any) -> str:
    """CREATE POLICY of a declaration, with the clauses in the order in which inspection prints them. Raises ``ModelReadError``."""
    command = str(item.command).upper()
    if command not in _COMMANDS:
        reason = f"{item.command!r} is not one of {', '.join(sorted(_COMMANDS))}"
        raise ModelReadError(where=f"policy {item.name}", reason=reason, hint=_HINT)
    if item.using is not None and command == "INSERT":
        reason = "FOR INSERT takes with_check and no using"
        raise ModelReadError(where=f"policy {item.name}", reason=reason, hint=_HINT)
    permissive = "PERMISSIVE" if item.permissive else "RESTRICTIVE"
    head = f"CREATE POLICY {names.quote(item.name)} ON {_table(item)} AS {permissive} FOR {command} TO {roles(item.to)}"
    using = f" USING ({_condition(item.using, sqlalchemy)})" if item.using is not None else ""
    check = f" WITH CHECK ({_condition(item.with_check, sqlalchemy)})" if item.with_check is not None else ""
    return head + using + check


def _table(item: Any) -> str:
    """Name of the table on which a declaration stands, as SQL; a text of the models may have its schema."""
    if isinstance(item.on, str):
        schema, _, name = item.on.rpartition(".")
        return names.qualified(name, schema or item.schema)
    table = getattr(item.on, "__table__", item.on)
    return names.qualified(str(table.name), str(table.schema) if table.schema is not None else None)


def _condition(condition: Any, sqlalchemy: Any) -> str:
    return str(condition).lower() if isinstance(condition, bool) else query_text(condition, sqlalchemy)


def role(name: str) -> str:
    """A role as SQL; PUBLIC and the roles of the session are words."""
    return name.upper() if name.upper() in _SPECIAL else names.quote(name)


def roles(given: str | Sequence[str] | None) -> str:
    """Roles as SQL, sorted as inspection sorts them; none are PUBLIC."""
    given = given or "PUBLIC"
    return ", ".join(sorted({role(name) for name in ([given] if isinstance(given, str) else given)}))


@dataclass(frozen=True, slots=True)
class PolicyClauses:
    """The clauses of a policy as SQL; empty where there is none."""

    head: str
    """PERMISSIVE or RESTRICTIVE, and the command: what ALTER POLICY does not change."""
    roles: str
    using: str
    check: str


def clauses(text: str) -> PolicyClauses:
    """The clauses of CREATE POLICY."""
    starts, depth = [], 0
    tokens = readable(text, LEXICAL_RULES)
    for at, token in enumerate(tokens):
        depth += DEPTH.get(token.text, 0)
        if depth == 0 and token.kind is TokenKind.WORD and token.text.upper() in _CLAUSES and at > 2:
            starts.append((token.text.upper(), token.start))
    ends = [start for _, start in starts[1:]] + [len(text)]
    texts = {word: text[start:end].strip() for (word, start), end in zip(starts, ends, strict=True)}
    head = f"{texts.get('AS', 'AS PERMISSIVE')} {texts.get('FOR', 'FOR ALL')}".upper()
    return PolicyClauses(head, texts.get("TO", "TO PUBLIC"), texts.get("USING", ""), texts.get("WITH", ""))


def alters(before: Definition, after: Definition) -> bool:
    """Whether ALTER POLICY makes the change: it replaces roles and conditions and removes none
    (https://www.postgresql.org/docs/current/sql-alterpolicy.html)."""
    old, new = clauses(before.sql.key), clauses(after.sql.key)
    return old.head == new.head and not (old.using and not new.using) and not (old.check and not new.check)


def alter(before: Definition, after: Definition, table: str) -> str:
    """ALTER POLICY with the clauses that differ."""
    old, new, written = clauses(before.sql.key), clauses(after.sql.key), clauses(after.sql.text)
    changed = [
        getattr(written, name) for name in ("roles", "using", "check") if getattr(old, name) != getattr(new, name)
    ]
    return f"ALTER POLICY {names.quote(after.name)} ON {table} {' '.join(changed)}"
