"""Owners of objects, which are compared only where models declare them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from .ddl.statements import AlterObject, AlterTable, OtherClause, Statement
from .model import Definition, Object, Schema
from .types import Ref

_OWNER = re.compile(r'ALTER\s.*\sOWNER TO (?:"(?:[^"]|"")*"|\w+)', re.DOTALL)

_WORDS = ("OWNER", "TO")


def with_declared_owners(schema: Schema, declared: Callable[[Definition], bool]) -> Schema:
    """``schema`` with those owners that are declared. Their objects come without the statement that gives the owner back, which
    others have among their dependents."""
    owners = [item for item in schema.objects() if isinstance(item, Definition) and item.kind == "owner"]
    if not owners:
        return schema
    others = {item.ref for item in owners if not declared(item)}
    owned = {item.on for item in owners if item.ref not in others}
    return Schema(
        _without_statement(item) if ref in owned else item for ref, item in schema.items() if ref not in others
    )


def _without_statement(item: Object) -> Object:
    if not isinstance(item, Definition) or not any(map(_OWNER.fullmatch, item.dependents)):
        return item
    return replace(item, dependents=tuple(text for text in item.dependents if not _OWNER.fullmatch(text)))


def changes_owner(statement: Statement) -> bool:
    """Whether a statement is ALTER ... OWNER TO."""
    match statement:
        case AlterTable(clauses=clauses):
            return any(isinstance(clause, OtherClause) and clause.words[:2] == _WORDS for clause in clauses)
        case AlterObject(words=words):
            return words[:2] == _WORDS
    return False


def owner_refs(schema: Schema) -> frozenset[Ref]:
    """The owners in a schema."""
    return frozenset(ref for ref in schema if ref.kind == "owner")
