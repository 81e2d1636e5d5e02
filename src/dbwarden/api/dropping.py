"""Drops of tables that the models no longer have: decided by flags or by a person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from dbwarden.core.change import Rename, after_renames
from dbwarden.core.model import Schema, Table
from dbwarden.core.partitions import partition_named, partitions_gone
from dbwarden.core.suggestions import nearest
from dbwarden.core.types import Ref
from dbwarden.errors import UsageError

from .renaming import Renaming

COUNTED = 100_000
"""Number of rows at which counting ends."""


class CountRows(Protocol):
    """Function that counts rows in the database."""

    def __call__(self, table: Table, without: str | None = None) -> int | None:
        """Count the rows of ``table``, or those with NULL in the column ``without``; ``COUNTED`` + 1 stands for more,
        ``None`` if they cannot be counted."""


@dataclass(frozen=True, slots=True)
class DropCandidate:
    """A table that a generated migration created and the models no longer have."""

    object: str
    """Such as ``table users``."""
    rows: int | None
    """Number of rows, counted up to ``COUNTED``."""


@dataclass(frozen=True)
class DropFlags:
    """Decisions from the command line about tables, by name; ``ask`` decides about the others.

    Without ``ask``, a table that ``keep`` does not name is dropped: the generated file is reviewed, and ``migrate``
    destroys rows only with ``--force``.
    """

    drop: Sequence[str] = ()
    keep: Sequence[str] = ()
    ask: Callable[[DropCandidate], bool] | None = None


def tables_gone(
    before: Schema, after: Schema, droppable: Collection[Ref], renames: Sequence[Rename]
) -> dict[Ref, Table]:
    """Tables and partitions among ``droppable`` that the models (``after``) no longer have under any name."""
    pairs = zip(before.objects(), after_renames(before, renames).objects(), strict=True)
    gone: dict[Ref, Table] = {}
    for item, renamed in pairs:
        if isinstance(item, Table) and isinstance(renamed, Table):
            wanted = after.get(renamed.ref)
            if isinstance(wanted, Table):
                left = partitions_gone(renamed, wanted, droppable)
                gone |= {ref: table for ref, table in left.items() if table.ref not in after}
            elif wanted is None and item.ref in droppable and not partition_named(after, renamed.ref):
                gone[item.ref] = item
    return gone


def decide_drops(
    gone: Mapping[Ref, Table], owned: Collection[Ref], renaming: Renaming, flags: DropFlags, count: CountRows
) -> frozenset[Ref]:
    """Tables of ``gone`` that stay.

    ``flags.ask`` is called only for tables that are ``owned``, and not for one whose rename was denied, because that
    question announced the drop. Raises ``UsageError`` for a flag that names any other table.
    """
    dropped = {_flagged_table(name, gone, "--drop-table") for name in flags.drop}
    staying = {_flagged_table(name, gone, "--keep-table") for name in flags.keep}
    for ref in dropped & staying:
        raise UsageError(f"--drop-table and --keep-table both name {ref}")
    if flags.ask is not None:
        undecided = {ref for ref in gone if ref in owned} - dropped - staying - renaming.denied
        for ref in sorted(undecided, key=lambda ref: ref.key):
            if not flags.ask(DropCandidate(str(ref), count(gone[ref]))):
                staying.add(ref)
    return frozenset(staying)


def _flagged_table(name: str, gone: Iterable[Ref], flag: str) -> Ref:
    names = {str(ref).partition(" ")[2]: ref for ref in gone}
    if name in names:
        return names[name]
    near = nearest(name, names)
    hint = (
        f"Did you mean {' or '.join(near)}?"
        if near
        else f"Of our tables, these are gone: {', '.join(names) or 'none'}."
    )
    raise UsageError(f"{flag} {name}: no such table of ours has left the models", hint=hint)
