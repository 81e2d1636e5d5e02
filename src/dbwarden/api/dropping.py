"""Drops of tables that the models no longer have: decided by flags or by a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from dbwarden.core.change import Rename, after_renames
from dbwarden.core.model import Schema, Table
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
    """``table users``."""
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


def decide_drops(
    before: Schema,
    after: Schema,
    owned: Iterable[Ref],
    renaming: Renaming,
    flags: DropFlags,
    count: CountRows,
) -> frozenset[Ref]:
    """Tables of ``owned`` that stay although the models (``after``) no longer have them.

    ``flags.ask`` is not called for a table whose rename was denied, because that question announced the drop. Raises
    ``UsageError`` for a flag that names any other table.
    """
    gone = {table.ref: table for table in _gone(before, after, frozenset(owned), renaming.decided)}
    dropped = {_flagged_table(name, gone, "--drop-table") for name in flags.drop}
    staying = {_flagged_table(name, gone, "--keep-table") for name in flags.keep}
    for ref in dropped & staying:
        raise UsageError(f"--drop-table and --keep-table both name {ref}")
    if flags.ask is not None:
        for ref in sorted(gone.keys() - dropped - staying - renaming.denied, key=lambda ref: ref.key):
            if not flags.ask(DropCandidate(str(ref), count(gone[ref]))):
                staying.add(ref)
    return frozenset(staying)


def _gone(before: Schema, after: Schema, owned: frozenset[Ref], renames: Sequence[Rename]) -> Iterator[Table]:
    for item, moved in zip(before.objects(), after_renames(before, renames).objects(), strict=True):
        if isinstance(item, Table) and item.ref in owned and moved.ref not in after:
            yield item


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
