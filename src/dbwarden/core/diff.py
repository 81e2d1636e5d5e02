"""Compares two canonical schemas, without knowledge of particular kinds of objects or dialects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .change import Add, Alter, Change, Drop, Rename, after_renames
from .model import Member, Object, Schema, Table
from .types import Ref


def diff(before: Schema, after: Schema, renames: Iterable[Rename] = ()) -> tuple[Change, ...]:
    """The changes that turn ``before`` into ``after``: the given ``renames``, then all others sorted by identity.

    Both schemas must be canonical. ``order`` gives the order in which the changes can run.
    """
    renames = tuple(renames)
    return (*renames, *_changes(after_renames(before, renames), after))


def _changes(before: Schema, after: Schema) -> Iterator[Change]:
    for ref in sorted({*before, *after}, key=lambda ref: ref.key):
        old, new = before.get(ref), after.get(ref)
        if old is None and new is not None:
            yield Add(new)
        elif new is None and old is not None:
            yield Drop(old)
        elif old is not None and new is not None and old != new:
            yield from _altered(ref, old, new)


def _altered(ref: Ref, old: Object, new: Object) -> Iterator[Change]:
    if isinstance(new, Member) and new.same_but_comment(old):
        yield Alter(old, new)
    elif new.derived:
        yield Drop(old)
        yield Add(new)
    elif isinstance(old, Table) and isinstance(new, Table):
        if not old.same_frame(new):
            yield Alter(old, replace(new, columns=old.columns, partitions=old.partitions))
        yield from _parts(ref, old, new)
    else:
        yield Alter(old, new)


def _parts(ref: Ref, old: Object, new: Object) -> Iterator[Change]:
    existing, wanted = old.parts(), new.parts()
    for part, item in existing.items():
        if part not in wanted:
            yield Drop(item, ref)
        elif item != wanted[part]:
            yield Alter(item, wanted[part], ref)
    for part, item in wanted.items():
        if part not in existing:
            yield Add(item, ref)


def adopt_names(current: Schema, desired: Schema) -> Schema:
    """``desired`` with each implicit name replaced by the name that ``current`` has for the same content.

    So a database from another tool or with an older naming convention shows no difference.
    """
    waiting = [
        (ref, item)
        for ref, item in desired.items()
        if isinstance(item, Member) and getattr(item, "implicit", False) and current.get(ref) != item
    ]
    if not waiting:
        return desired
    missing = {ref for ref, _ in waiting}
    taken = {ref for ref in desired if ref not in missing}
    by_content = _members_by_content(current)
    renamed: dict[Ref, Object] = {}
    for ref, item in waiting:
        existing = next((member for member in by_content.get(item.content(), ()) if member.ref not in taken), None)
        if existing is not None:
            taken.add(existing.ref)
            renamed[ref] = replace(item, name=existing.name)
    for ref, item in waiting:
        if ref not in renamed:
            renamed[ref] = _free(item, taken)
            taken.add(renamed[ref].ref)
    return Schema(renamed.get(ref, item) for ref, item in desired.items())


_LONGEST = 63
"""Maximum length of a name in bytes: the limit of PostgreSQL (``NAMEDATALEN`` - 1), the lowest of all engines."""


def _free(item: Member, taken: set[Ref]) -> Member:
    """``item`` under its own name, or with a number added if another member of its table has adopted that name."""
    candidate, number = item, 0
    while candidate.ref in taken:
        number += 1
        stem = (item.name or "").encode()[: _LONGEST - len(str(number))].decode(errors="ignore")
        candidate = replace(item, name=f"{stem}{number}")
    return candidate


def _members_by_content(schema: Schema) -> dict[Object, list[Member]]:
    members: dict[Object, list[Member]] = {}
    for item in schema.objects():
        if isinstance(item, Member):
            members.setdefault(item.content(), []).append(item)
    return members
