"""What the columns of a materialized view with rows of its own have beside the names and types of its query: codecs, defaults,
TTL, comments, and the indexes, constraints and projections between them."""

from __future__ import annotations

from collections.abc import Iterator

from .definition_reader import ColumnClauses, TableDefinition
from .engines import NORMALIZED, canonical_call, canonical_codec, granularity
from .expressions import expression_key, query_key
from .types import declared_type


def own_properties(definition: TableDefinition) -> Iterator[str]:
    """Comparison keys of these properties, equal for all spellings of one; none for plain columns."""
    for column in definition.columns:
        if properties := list(_of_column(column)):
            yield f"{column.name} {' '.join(properties)}"
    for index in definition.indexes:
        kind = canonical_call(index.type)
        yield f"INDEX {index.name} {expression_key(index.expression)} {kind} {granularity(kind, index.granularity)}"
    for constraint in definition.constraints:
        yield f"CONSTRAINT {constraint.name} {constraint.kind} {expression_key(constraint.expression)}"
    for projection in definition.projections:
        yield f"PROJECTION {projection.name} {query_key(projection.query)} {query_key(projection.rest)}".rstrip()


def _of_column(column: ColumnClauses) -> Iterator[str]:
    if column.default_kind:
        yield f"{column.default_kind} {expression_key(column.default or '')}"
    if column.codec and (codec := canonical_codec(column.codec, declared_type(column.type).datatype)):
        yield f"CODEC {codec}"
    for name in ("ttl", "statistics", "settings"):
        if value := getattr(column, name):
            yield f"{name} {NORMALIZED[name](value)}"
    if column.comment:
        yield f"COMMENT {column.comment}"
