"""Partitions that models declare, beside those that the database has and nobody declares.

Many databases get their partitions from a program that makes one for each month. Therefore a table of which no model declares
a partition keeps all that it has, and one of which some are declared keeps the others: only a partition that an applied
migration created is dropped when it leaves the models.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from .change import Rename, after_renames
from .model import Partition, Schema, Table
from .types import Ref


def with_undeclared(
    current: Schema, desired: Schema, renames: Iterable[Rename], owned: Collection[Ref]
) -> tuple[Schema, Schema]:
    """Both schemas, ``desired`` with the partitions of ``current`` that stay although no model declares them.

    ``owned`` are the objects that applied migrations created. Declared partitions take the comment and the options that the
    models leave open from the database.
    """
    existing = [table for table in current.tables() if table.partitions]
    if not existing:
        return current, desired
    renamed = dict(zip(current, after_renames(current, renames).objects(), strict=True))
    pairs = [(table, renamed[table.ref], desired.get(renamed[table.ref].ref)) for table in existing]
    before: list[Table] = []
    after: list[Table] = []
    for table, moved, wanted in pairs:
        if isinstance(moved, Table) and isinstance(wanted, Table):
            partitions = _wanted(moved, wanted, owned)
            after.append(replace(wanted, partitions=partitions))
            staying = {item.ref for item in partitions if not item.declared}
            before.append(
                replace(
                    table,
                    partitions=tuple(replace(item, declared=item.ref not in staying) for item in table.partitions),
                )
            )
    return current.put(*before), desired.put(*after)


def partitions_gone(table: Table, wanted: Table, owned: Collection[Ref]) -> dict[Ref, Table]:
    """Partitions among ``owned`` that have left the models, as the tables that they are."""
    staying = {item.ref for item in _wanted(table, wanted, owned)}
    gone = (item for item in table.partitions if item.ref not in staying)
    return {item.ref: replace(table, name=item.name, schema=item.schema, partitions=()) for item in gone}


def partition_refs(schema: Schema) -> frozenset[Ref]:
    """All partitions of a schema."""
    return frozenset(schema.partitions)


def partition_named(schema: Schema, table: Ref) -> bool:
    """Whether ``table`` is the name of a partition: the table was attached, or will be."""
    return table._replace(kind="partition") in schema.partitions


def as_table(ref: Ref) -> Ref:
    """How the statements of migrations name a partition: as the table that it is."""
    return ref._replace(kind="table")


def _wanted(table: Table, wanted: Table, owned: Collection[Ref]) -> tuple[Partition, ...]:
    if not wanted.partitions:
        return table.partitions
    existing = {item.ref: item for item in table.partitions}
    declared = tuple(_completed(item, existing.get(item.ref)) for item in wanted.partitions)
    return (*declared, *_staying(table, {item.ref for item in declared}, owned))


def _staying(table: Table, declared: Collection[Ref], owned: Collection[Ref]) -> Iterator[Partition]:
    """Undeclared partitions that nobody of ours created, and those above them: a drop would take them along."""
    staying: set[Ref] = set()
    for item in reversed(table.partitions):
        if item.ref in staying or item.ref not in owned:
            staying |= {item.ref, item.of}
    yield from (item for item in table.partitions if item.ref in staying and item.ref not in declared)


def _completed(item: Partition, existing: Partition | None) -> Partition:
    if existing is None:
        return item
    options = existing.options.with_(**{"partition_by": None, **dict(item.options)})
    comment = item.comment if item.comment is not None else existing.comment
    return replace(item, options=options, comment=comment, sql=existing.sql, lost=existing.lost)
