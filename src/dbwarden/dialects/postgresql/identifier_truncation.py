"""Truncation of names of more than 63 bytes, as by the server (``truncate_identifier``, src/backend/parser/scansup.c)."""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core.change import Rename
from dbwarden.core.model import Member, Object, Schema, Table, column_ref
from dbwarden.core.schema_relocation import relocate
from dbwarden.core.types import Ref
from dbwarden.errors import Unsupported

from . import names


def truncate_identifiers(schema: Schema) -> Schema:
    """Truncate all long names; a schema without any is returned as it is. Raises ``Unsupported`` if two names become one."""
    for old in sorted(_long_schemas(schema)):
        schema = relocate(schema, old, names.clip(old))
    for rename in [rename for item in schema.objects() for rename in _renames(item)]:
        if rename.old.kind in ("column", "table", "enum", "domain", "composite_type", "sequence"):
            schema = _checked(rename, schema).apply(schema)
    if not any(rename for item in schema.objects() for rename in _renames(item)):
        return schema
    objects: dict[Ref, Object] = {}
    for item in schema.objects():
        cut = _clip_member(item)
        if cut.ref in objects or (cut is not item and cut.ref in schema):
            raise _name_taken(item.ref, cut.ref)
        objects[cut.ref] = cut
    return Schema(objects)


def _long_schemas(schema: Schema) -> set[str]:
    names_ = {ref.schema for ref in schema if ref.schema} | {ref.name for ref in schema if ref.kind == "namespace"}
    return {name for name in names_ if names.clip(name) != name}


def _renames(item: Object) -> Iterator[Rename]:
    """Renames to the truncated names; columns come first, while their table still has its name."""
    if isinstance(item, Table):
        for name in item.columns:
            if (cut := names.clip(name)) != name:
                ref = column_ref(item.ref, name)
                yield Rename(ref, ref._replace(name=cut))
    own: str | None = getattr(item, "name", None)
    if own is not None and (cut := names.clip(own)) != own:
        yield Rename(item.ref, item.ref._replace(name=cut))


def _checked(rename: Rename, schema: Schema) -> Rename:
    table = schema.get(Ref("table", rename.new.table or "", rename.new.schema))
    columns = table.columns if isinstance(table, Table) else {}
    if rename.new in schema or (rename.new.kind == "column" and rename.new.name in columns):
        raise _name_taken(rename.old, rename.new)
    return rename


def _clip_member(item: Object) -> Object:
    if not isinstance(item, Member) or item.name is None or (cut := names.clip(item.name)) == item.name:
        return item
    return item.renamed(item.ref, item.ref._replace(name=cut))


def _name_taken(old: Ref, new: Ref) -> Unsupported:
    reason = f"it is cut to {names.MAX_BYTES} bytes, and there is a {new} already"
    return Unsupported(
        feature=str(old), dialect="PostgreSQL", reason=reason, hint="Give it a shorter name in the model."
    )
