"""Names the unique constraints and foreign keys of models that the engine does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Table, UniqueConstraint

from dbwarden.core.dialect import SchemaDialect
from dbwarden.core.types import Ref

from .emit import Emitter, schema_of
from .objects import INFO

_SHOWN = 4


def notes(
    tables: Iterable[Table], dialect: SchemaDialect, changed: Collection[Ref], drivername: str = ""
) -> Iterator[str]:
    """A message for each table among ``changed`` whose keys the engine does not have."""
    features = dialect.features
    kinds = [] if features.row_counts else ["unique"]  # a unique constraint may be a unique index
    kinds += [] if features.has("foreign_key") else ["foreign_key"]
    if not kinds or not changed:
        return
    emitter = Emitter(dialect, drivername)
    for table in tables:
        ref = Ref("table", str(table.name), schema_of(table))
        if ref in changed and not table.info.get(INFO, {}).get("keys_elsewhere"):
            listed = [text for item in _keys(table, emitter) if (text := _described(item, kinds))]
            if listed:
                more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
                yield (
                    f"{table.name}: left out, because the database has no such keys: {', '.join(listed[:_SHOWN])}{more}."
                    " If they are meant for another database, say so by KeysElsewhere() in the table's arguments."
                )


def _keys(table: Table, emitter: Emitter) -> Iterator[Any]:
    yield from (item for item in table.constraints if item._should_create_for_compiler(emitter.compiler))
    yield from (index for index in table.indexes if index.unique)


def _described(item: Any, kinds: Collection[str]) -> str:
    columns = ", ".join(str(column.name) for column in item.columns) if hasattr(item, "columns") else ""
    if isinstance(item, ForeignKeyConstraint):
        referred = item.elements[0].target_fullname.rpartition(".")[0]
        return f"foreign key ({columns}) to {referred}" if "foreign_key" in kinds else ""
    if isinstance(item, UniqueConstraint):
        return f"unique ({columns})" if "unique" in kinds and columns else ""
    return f"UNIQUE of the index {item.name}" if getattr(item, "unique", False) and "unique" in kinds else ""
