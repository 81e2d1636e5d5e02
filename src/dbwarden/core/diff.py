"""Two canonical schemas in, changes out. Knows no object kind and no dialect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .change import Add, Alter, Change, Drop, Rename
from .model import Member, Object, Schema, Table
from .types import Ref


def diff(before: Schema, after: Schema, renames: Iterable[Rename] = ()) -> tuple[Change, ...]:
    """The changes that turn ``before`` into ``after``, sorted by identity; the order to run them in is ``order``'s.

    Both schemas must be canonical. ``renames`` come first and are believed.
    """
    renames = tuple(renames)
    for rename in renames:
        before = rename.apply(before)
    return (*renames, *_changes(before, after))


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
    if new.derived:
        yield Drop(old)
        yield Add(new)
    elif isinstance(old, Table) and isinstance(new, Table):
        if not old.same_frame(new):
            yield Alter(old, replace(new, columns=old.columns))
        yield from _parts(ref, old, new)
    else:
        yield Alter(old, new)


def _parts(ref: Ref, old: Object, new: Object) -> Iterator[Change]:
    held, wanted = old.parts(), new.parts()
    for part, item in held.items():
        if part not in wanted:
            yield Drop(item, ref)
        elif item != wanted[part]:
            yield Alter(item, wanted[part], ref)
    for part, item in wanted.items():
        if part not in held:
            yield Add(item, ref)


def adopt_names(current: Schema, desired: Schema) -> Schema:
    """``desired`` with implicit names replaced by those that ``current`` has for the same content.

    Unnamed constraints match by content first, so that a database made by another tool or an older naming convention
    shows no difference.
    """
    renamed: dict[Ref, Object] = {}
    taken = {ref for ref in desired if ref in current}
    by_content: dict[Object, list[Member]] | None = None
    for ref, item in desired.items():
        if not isinstance(item, Member) or not getattr(item, "implicit", False) or current.get(ref) == item:
            continue
        if by_content is None:
            by_content = _by_content(current)
        for held in by_content.get(item.content(), ()):
            if held.ref not in taken or held.ref == ref:
                taken.add(held.ref)
                renamed[ref] = replace(item, name=held.name)
                break
    if not renamed:
        return desired
    return Schema(renamed.get(ref, item) for ref, item in desired.items())


def _by_content(schema: Schema) -> dict[Object, list[Member]]:
    found: dict[Object, list[Member]] = {}
    for item in schema.objects():
        if isinstance(item, Member):
            found.setdefault(item.content(), []).append(item)
    return found
