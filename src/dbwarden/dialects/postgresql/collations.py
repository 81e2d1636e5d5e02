"""Collations that somebody made: CREATE COLLATION with the clauses in one order, as inspection composes it too.

https://www.postgresql.org/docs/current/sql-createcollation.html; nothing of a collation can change but its name, its schema, its
owner and its comment.
"""

from __future__ import annotations

from typing import Any

from dbwarden.core.ddl.cursor import Cursor, cursor
from dbwarden.core.declared_object import DeclaredObject, Value
from dbwarden.core.model import Definition
from dbwarden.core.tokens import literal as value_of
from dbwarden.core.types import Expression
from dbwarden.dialects.base.names import literal
from dbwarden.errors import ModelReadError, Unsupported

from . import names
from .words import LEXICAL_RULES

KIND = "collation"
_PROVIDERS = ("icu", "libc", "builtin")
_CLAUSES = ("provider", "locale", "lc_collate", "lc_ctype", "deterministic", "rules")


def definition(item: Any) -> Definition:
    """The definition of a declared collation. Raises ``ModelReadError``."""
    if item.provider not in _PROVIDERS:
        reason = f"{item.provider} is not a provider: {', '.join(_PROVIDERS)}"
        raise ModelReadError(where=f"collation {item.name}", reason=reason, hint="Correct the Collation in the models.")
    if (item.locale is None) == (item.lc_collate is None and item.lc_ctype is None):
        raise ModelReadError(
            where=f"collation {item.name}",
            reason="it needs a locale, or lc_collate and lc_ctype",
            hint='Name one: Collation("german", locale="de-u-co-phonebk", ...).',
        )
    clauses: dict[str, Any] = {name: getattr(item, name) for name in _CLAUSES}
    return Definition(
        KIND, item.name, Expression(_text(item.name, item.schema, clauses)), item.schema, comment=item.comment
    )


def _text(name: str, schema: str | None, clauses: dict[str, Any]) -> str:
    locale, collate, ctype = (clauses.get(key) for key in ("locale", "lc_collate", "lc_ctype"))
    if locale is None and collate == ctype:
        locale, collate, ctype = collate, None, None
    stated = {
        "PROVIDER": clauses["provider"],
        "LOCALE": literal(locale) if locale is not None else None,
        "LC_COLLATE": literal(collate) if collate is not None else None,
        "LC_CTYPE": literal(ctype) if ctype is not None else None,
        "DETERMINISTIC": "false" if clauses.get("deterministic") is False else None,
        "RULES": literal(clauses["rules"]) if clauses.get("rules") else None,
    }
    listed = ", ".join(f"{word} = {value}" for word, value in stated.items() if value is not None)
    return f"CREATE COLLATION {names.qualified(name, schema)} ({listed})"


def declaration(item: Definition) -> DeclaredObject:
    """What models write for a collation."""
    clauses = clauses_at(cursor(item.sql.text, LEXICAL_RULES))
    named: dict[str, Value] = {**clauses, "schema": item.schema, "comment": item.comment}
    if named.get("provider") == "libc":
        del named["provider"]
    return DeclaredObject("Collation", item.name, named=named)


def clauses_at(at: Cursor) -> dict[str, Value]:
    """The clauses of CREATE COLLATION by their names. Raises ``Unsupported`` for others."""
    at.until("(", "FROM")
    clauses: dict[str, Value] = {}
    for item in at.items(at.group()):
        word = item.word().lower()
        item.take()
        item.skip("=")
        token = item.take()
        if word not in _CLAUSES or token is None:
            raise Unsupported(
                feature=f"{word.upper()} of a collation", dialect="a schema file", reason="it is not known"
            )
        text = value_of(token) if token.text.startswith("'") else token.text
        clauses[word] = (
            text.lower() == "true" if word == "deterministic" else text.lower() if word == "provider" else text
        )
    return {key: value for key, value in clauses.items() if (key, value) != ("deterministic", True)}
