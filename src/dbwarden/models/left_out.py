"""Names what models declare and the engine does not have: unique constraints and foreign keys, kinds of objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlalchemy import ForeignKeyConstraint, MetaData, Table, UniqueConstraint

from dbwarden.core import kinds
from dbwarden.core.dialect import SchemaDialect
from dbwarden.core.types import Ref

from .emit import Emitter, schema_of
from .objects import INFO, OBJECTS, declared_statements

_SHOWN = 4


def notes(
    tables: Iterable[Table], dialect: SchemaDialect, changed: Collection[Ref], drivername: str = ""
) -> Iterator[str]:
    """A message for each table among ``changed`` whose keys the engine does not have."""
    features = dialect.features
    key_kinds = [] if features.row_counts else ["unique"]  # a unique constraint may be a unique index
    key_kinds += [] if features.has("foreign_key") else ["foreign_key"]
    if not key_kinds or not changed:
        return
    emitter = Emitter(dialect, drivername)
    for table in tables:
        ref = Ref("table", str(table.name), schema_of(table))
        if ref in changed and not table.info.get(INFO, {}).get("keys_elsewhere"):
            described = (_described(item, key_kinds) for item in _keys(table, emitter))
            listed = sorted(filter(None, described))  # a table's constraints are a set, in another order each time
            if listed:
                more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
                yield (
                    f"{table.name}: left out, because the database has no such keys: {', '.join(listed[:_SHOWN])}{more}."
                    " If they are meant for another database, say so by KeysElsewhere() in the table's arguments."
                )


def objects(metadatas: Iterable[MetaData], dialect: SchemaDialect) -> Iterator[str]:
    """A message for the declared objects of each kind that the engine does not have, or that cannot be declared for it."""
    missing: dict[str, list[str]] = {}
    undescribed: dict[str, list[str]] = {}
    for metadata in metadatas:
        for item in metadata.info.get(INFO, {}).get(OBJECTS, ()):
            if not dialect.features.has(item.kind) and item.kind not in dialect.features.described_definitions:
                missing.setdefault(item.kind, []).append(item.name)
        for statement in declared_statements(metadata):
            if not dialect.features.has(statement.kind):
                missing.setdefault(statement.kind, []).append(statement.name)
            elif statement.kind not in dialect.features.described_definitions:
                undescribed.setdefault(statement.kind, []).append(statement.name)
    for kind, names in missing.items():
        yield f"{kinds.title(kind)} {_few(names)}: left out, because {dialect.name} has no such objects."
    for kind, names in undescribed.items():
        yield f"{kinds.title(kind)} {_few(names)}: not compared, because such objects cannot be declared for {dialect.name}."


def _few(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def _keys(table: Table, emitter: Emitter) -> Iterator[Any]:
    yield from (item for item in table.constraints if item._should_create_for_compiler(emitter.compiler))
    yield from (index for index in table.indexes if index.unique)


def _described(item: Any, key_kinds: Collection[str]) -> str:
    columns = ", ".join(str(column.name) for column in item.columns) if hasattr(item, "columns") else ""
    if isinstance(item, ForeignKeyConstraint):
        referred = item.elements[0].target_fullname.rpartition(".")[0]
        return f"foreign key ({columns}) to {referred}" if "foreign_key" in key_kinds else ""
    if isinstance(item, UniqueConstraint):
        return f"unique ({columns})" if "unique" in key_kinds and columns else ""
    return f"UNIQUE of the index {item.name}" if getattr(item, "unique", False) and "unique" in key_kinds else ""
