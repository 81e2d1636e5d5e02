"""Source of what models declare beside tables: views, routines, triggers and the like (``dbwarden.objects``)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from dbwarden.core import kinds
from dbwarden.core.declared_object import DeclaredObject, Value
from dbwarden.core.dialect import SchemaDialect
from dbwarden.core.model import Schema
from dbwarden.core.types import Ref

from .code import Argument, Code, Enclosed, call, lines, mapping, quoted, sql_text
from .files import Block
from .identifiers import distinct

_MODULES = {
    "materialized_view": "views", "policy": "policies", "row_security": "policies", "grant": "privileges",
    "text_search_dictionary": "text_search", "text_search_configuration": "text_search", "dictionary": "dictionaries",
    "statistics": "statistics", "default_privileges": "default_privileges",
}  # fmt: skip
"""Modules whose names are not the plural of the kind."""


def declared(schema: Schema, dialect: SchemaDialect, by_columns: Collection[Ref]) -> Mapping[Ref, DeclaredObject]:
    """What models write for the objects beside the tables of a schema, as far as they can describe them. Enums, sequences and
    the types of ``by_columns`` are constructs of SQLAlchemy."""
    declarations = {ref: dialect.declaration(item) for ref, item in schema.items() if ref not in by_columns}
    return {ref: declaration for ref, declaration in declarations.items() if declaration is not None}


def blocks(
    declarations: Mapping[Ref, DeclaredObject], modules: Collection[str], names: Collection[str]
) -> Iterator[Block]:
    """A statement for each declaration. ``modules`` are those of the tables, ``names`` those of their classes."""
    homes: dict[str, str] = {}
    for ref, declaration in declarations.items():
        home = _MODULES.get(ref.kind, f"{kinds.title(ref.kind).replace(' ', '_')}s")
        module = homes.setdefault(home, distinct(home, modules))
        constructor, imported = import_of(declaration.constructor, names)
        yield Block("", module, lines("", _code(declaration, constructor)), declares={imported})


def import_of(constructor: str, names: Collection[str]) -> tuple[str, str]:
    """The name under which the models use a class of ``dbwarden.objects``, and what they import."""
    alias = f"Declared{constructor}"
    return (alias, f"{constructor} as {alias}") if constructor in names else (constructor, constructor)


def _code(declaration: DeclaredObject, constructor: str) -> Code:
    body = () if declaration.body is None else (code_of(declaration.body),)
    named = {key: code_of(value) for key, value in declaration.named.items() if value is not None}
    return call(constructor, quoted(declaration.name), *body, metadata="Base.metadata", **named)


def code_of(value: Value) -> Code:
    """An argument of a declaration as source."""
    if isinstance(value, str):
        return sql_text(value)
    if isinstance(value, tuple):
        return Enclosed("(", tuple(Argument("", code_of(one)) for one in value))
    if isinstance(value, Mapping):
        return mapping((key, code_of(one)) for key, one in value.items())
    return repr(value)
