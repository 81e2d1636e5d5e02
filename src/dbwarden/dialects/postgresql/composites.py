"""Composite types: attributes come, go and change by ALTER TYPE, so that columns and functions of the type stay."""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core.model import Attribute, CompositeType, Domain, Schema
from dbwarden.core.types import Ref
from dbwarden.errors import Unsupported

from . import details, names, types
from .renderer import render


def create(composite: CompositeType) -> tuple[str, ...]:
    """CREATE TYPE ... AS, with the comment, owner and privileges."""
    attributes = ", ".join(map(_attribute, composite.attributes))
    created = f"CREATE TYPE {names.of(composite.ref)} AS ({attributes})"
    comments = (render.comment(_title(composite), composite.comment),) if composite.comment is not None else ()
    return (created, *comments, *details.restored(composite))


def drop(composite: CompositeType) -> tuple[str, ...]:
    """DROP TYPE."""
    return (f"DROP TYPE {names.of(composite.ref)}",)


def alter(before: CompositeType, after: CompositeType, schemas: tuple[Schema, Schema]) -> tuple[str, ...]:
    """ALTER TYPE with all changed attributes, and the comment. Raises ``Unsupported`` for another type of an attribute while
    a column has the composite type: the server refuses that."""
    former = {item.name: item for item in before.attributes}
    wanted = {item.name: item for item in after.attributes}
    actions = [f"DROP ATTRIBUTE {names.quote(name)}" for name in former if name not in wanted]
    for name, item in wanted.items():
        if name not in former:
            actions.append(f"ADD ATTRIBUTE {_attribute(item)}")
        elif item != former[name]:
            _ensure_unused(after.ref, name, schemas)
            actions.append(f"ALTER ATTRIBUTE {names.quote(name)} TYPE {_type(item)}")
    altered = (f"ALTER TYPE {names.of(after.ref)} {', '.join(actions)}",) if actions else ()
    comments = (render.comment(_title(after), after.comment),) if before.comment != after.comment else ()
    return (*altered, *comments)


def _ensure_unused(composite: Ref, attribute: str, schemas: tuple[Schema, Schema]) -> None:
    users = set(_columns(composite, schemas[0])) & set(_columns(composite, schemas[1]))
    if users:
        reason = (
            f"{min(users)} has this type, and PostgreSQL does not change attribute {attribute} of a type that is in use"
        )
        hint = "Add an attribute of another name, and drop this one when nothing reads it."
        raise Unsupported(
            feature=f"another type of {composite}.{attribute}", dialect="PostgreSQL", reason=reason, hint=hint
        )


def _columns(type_: Ref, schema: Schema) -> Iterator[str]:
    """Columns of the type, and of types that are made of it."""
    for table in schema.tables():
        yield from (f"{table.name}.{column.name}" for column in table.columns.values() if type_ in column.uses())
    for item in schema.objects():
        if isinstance(item, CompositeType | Domain) and type_ in item.uses():
            yield from _columns(item.ref, schema)


def _attribute(item: Attribute) -> str:
    return f"{names.quote(item.name)} {_type(item)}"


def _type(item: Attribute) -> str:
    return types.sql(item.type) + (f" COLLATE {render.collation(item.collation)}" if item.collation else "")


def _title(composite: CompositeType) -> str:
    return f"TYPE {names.of(composite.ref)}"
