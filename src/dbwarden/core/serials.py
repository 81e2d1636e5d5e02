"""Makes two schemas describe serial columns alike: columns whose default is ``nextval`` of a sequence that they own.

Models can describe the same column in three ways: with the default spelled out (reflected models), with a ``Sequence`` object,
or with ``autoincrement`` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from .change import Rename, after_renames
from .model import Column, Object, Schema, Sequence, Table
from .types import Ref


def reconcile_serials(current: Schema, desired: Schema, renames: Iterable[Rename] = ()) -> tuple[Schema, Schema]:
    """Both schemas with columns that use one sequence described alike, under its name in ``current``.

    ``renames`` lead from the names of ``current`` to those of ``desired``.
    """
    split: dict[Ref, Table] = {}
    sequences: list[Sequence] = []
    adopted: dict[Ref, Table] = {}
    for table, wanted, pairs in _pairs(current, desired, tuple(renames)):
        for column, wanted_column in pairs:
            if _has_separate_sequence(column, desired):
                assert column.identity is not None and column.identity.sequence is not None
                split[table.ref] = split.get(table.ref, table).with_column(_split(column))
                sequences.append(column.identity.sequence)
            elif (agreed := _reconcile(column, wanted_column)) is not wanted_column:
                adopted[wanted.ref] = adopted.get(wanted.ref, wanted).with_column(agreed)
    if split:
        current = current.put(*split.values(), *sequences)
    return current, desired.put(*adopted.values()) if adopted else desired


def _pairs(
    current: Schema, desired: Schema, renames: tuple[Rename, ...]
) -> Iterator[tuple[Table, Table, list[tuple[Column, Column]]]]:
    """The tables of both sides, with the columns that are numbered on one of them."""
    renamed = after_renames(current, renames)
    for table, renamed_table in zip(current.objects(), renamed.objects(), strict=True):
        wanted = desired.get(renamed_table.ref)
        if not isinstance(table, Table) or not isinstance(renamed_table, Table) or not isinstance(wanted, Table):
            continue
        pairs = [
            (column, wanted.columns[name])
            for column, name in zip(table.columns.values(), renamed_table.columns, strict=True)
            if name in wanted.columns and (column.needs or column.identity is not None)
        ]
        if pairs:
            yield table, wanted, pairs


def _has_separate_sequence(column: Column, desired: Schema) -> bool:
    """Whether the models have the sequence of a serial column as a separate object."""
    identity = column.identity
    return identity is not None and identity.sequence is not None and identity.sequence.ref in desired


def _split(column: Column) -> Column:
    assert column.identity is not None and column.identity.sequence is not None
    return replace(
        column, identity=None, default=column.identity.default, needs=frozenset((column.identity.sequence.ref,))
    )


def _reconcile(column: Column, wanted: Column) -> Column:
    """``wanted`` in the form of ``column`` if both mean the same, else unchanged."""
    existing, serial = column.identity, wanted.identity
    if existing is not None and serial is None:
        is_spelled_out = existing.mode == "serial" and wanted.default is not None and wanted.default == existing.default
        return replace(wanted, identity=existing, default=None, needs=column.needs) if is_spelled_out else wanted
    if existing is None:
        # No column owns the sequence, and the models ask for numbers of any sequence or of this one.
        is_drawn = (
            serial is not None and serial.mode == "serial" and not serial.options and _draws_from_sequence(column)
        )
        agrees = is_drawn and serial is not None and serial.default in (None, column.default)
        return replace(wanted, identity=None, default=column.default, needs=column.needs) if agrees else wanted
    alike = serial is not None and (existing.mode == "serial") == (serial.mode == "serial")
    return replace(wanted, needs=column.needs) if alike and wanted.needs != column.needs else wanted


def _draws_from_sequence(column: Column) -> bool:
    return column.default is not None and any(ref.kind == "sequence" for ref in column.needs)


# -- separate sequences that a column owns --------------------------------------------------------------------------


def has_owner(sequence: Sequence, schema: Schema | Mapping[Ref, Object]) -> bool:
    """Whether the schema has the column that owns the sequence."""
    owner = sequence.owned_by
    table = schema.get(owner.owner) if owner is not None else None
    return owner is not None and isinstance(table, Table) and owner.name in table.columns


def keep_with_owners(
    current: Schema, moved: Mapping[Ref, Object], existing: dict[Ref, Object], wanted: dict[Ref, Object]
) -> Iterator[Ref]:
    """Add the sequences that a column of ``existing`` owns to it and, unless the column is dropped, to ``wanted``.

    ``moved`` are the objects of ``current`` after the renames, by their old names. Yields the sequences that no model describes
    and that stay unchanged.
    """
    for ref, item in current.items():
        if not isinstance(item, Sequence) or not has_owner(item, existing):
            continue
        moved_sequence = moved[ref]
        assert isinstance(moved_sequence, Sequence)
        described, undescribed = wanted.get(moved_sequence.ref), ref not in existing
        existing[ref] = item
        if has_owner(moved_sequence, wanted):
            if isinstance(described, Sequence):
                owner = described.owned_by or moved_sequence.owned_by
                wanted[moved_sequence.ref] = replace(described, owned_by=owner)
            elif undescribed:
                wanted[moved_sequence.ref] = moved_sequence
                yield ref
