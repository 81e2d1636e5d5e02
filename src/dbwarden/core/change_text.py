"""Describes the changes between two schemas, one line each.

A drop and an add of the same object are one line ``from → to``. Rebuilt tables and views that are recreated unchanged have
no line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from . import kinds
from .change import Add, Alter, Change, Drop, Rename
from .change_line import ChangeLine, Verb
from .dialect import SchemaDialect
from .diff import diff
from .model import Column, Definition, ForeignKey, Index, Member, Object, PrimaryKey, Schema, Table
from .object_differences import object_differences
from .object_text import body, column_list, column_path, literal, name_of, table_of, target
from .types import Ref


def changes_between(before: Schema, after: Schema, renames: Iterable[Rename] = ()) -> tuple[Change, ...]:
    """Differences, without the members of created and dropped tables."""
    changes = diff(before, after, tuple(renames))
    whole = {change.ref for change in changes if isinstance(change, Add | Drop) and isinstance(change.object, Table)}
    return tuple(change for change in changes if not _is_implied_by(change, whole))


def _is_implied_by(change: Change, whole: set[Ref]) -> bool:
    if isinstance(change, Rename) or change.ref.table is None:
        return False
    return change.ref.owner in whole


def change_lines(
    before: Schema, after: Schema, dialect: SchemaDialect, renames: Iterable[Rename] = ()
) -> tuple[ChangeLine, ...]:
    """Lines of the changes from ``before`` to ``after``, grouped by table; empty only if both are equal."""
    pairs = list(_pair_changes(changes_between(before, after, renames)))
    places: dict[Ref, int] = {}
    for change, _ in pairs:
        places.setdefault(change.ref.owner, len(places))
    pairs.sort(key=lambda pair: places[pair[0].ref.owner])
    return tuple(line for change, added in pairs for line in _lines(change, added, before, dialect))


def differences(actual: Schema, expected: Schema, dialect: SchemaDialect) -> tuple[str, ...]:
    """``users: column email TEXT is not there``, ``users.age: INTEGER instead of BIGINT``: how ``actual`` is wrong."""
    return tuple(line.mismatch for line in change_lines(actual, expected, dialect))


# -- a drop and an add of one object are one change -------------------------------------------------------------------


def _pair_changes(changes: Sequence[Change]) -> Iterator[tuple[Change, Add | None]]:
    """Each change; a drop together with the addition that replaces it."""
    added = [change for change in changes if isinstance(change, Add) and isinstance(change.object, Member | Definition)]
    replaced: dict[int, Add] = {}
    for alike in (_same_identity, _same_role, _same_content):
        for change in changes:
            if isinstance(change, Drop) and id(change) not in replaced:
                replacement = next((addition for addition in added if alike(change.object, addition.object)), None)
                if replacement is not None:
                    replaced[id(change)] = replacement
                    added.remove(replacement)
    taken = {id(addition) for addition in replaced.values()}
    for change in changes:
        if id(change) not in taken:
            yield change, replaced.get(id(change))


def _same_identity(old: Object, new: Object) -> bool:
    return isinstance(old, Member | Definition) and old.ref == new.ref


def _same_role(old: Object, new: Object) -> bool:
    """Whether both are the primary key of one table, or its foreign key over the same columns."""
    match old, new:
        case PrimaryKey(), PrimaryKey():
            return old.table == new.table
        case ForeignKey(), ForeignKey():
            return (old.table, old.columns) == (new.table, new.columns)
    return False


def _same_content(old: Object, new: Object) -> bool:
    return isinstance(old, Member) and isinstance(new, Member) and old.content() == new.content()


# -- the lines --------------------------------------------------------------------------------------------------------


def _lines(change: Change, added: Add | None, before: Schema, dialect: SchemaDialect) -> Iterator[ChangeLine]:
    match change:
        case Rename():
            yield _renamed(change, dialect)
        case Drop(object=item) if added is not None:
            yield from _altered(item, added.object, change.ref, dialect)
        case Add(object=item):
            subject, noun = _titled(item, change.ref, dialect)
            yield ChangeLine(Verb.ADD, subject, noun, None, body(item, dialect) or None)
        case Drop(object=item):
            subject, noun = _titled(item, change.ref, dialect)
            text = None if isinstance(item, Table | Definition) else body(item, dialect) or None
            note = _dropped_with_table(change.ref, before, dialect) if isinstance(item, Table) else ""
            yield ChangeLine(Verb.DROP, subject, noun, text, named=_is_named(item), note=note)
        case Alter(before=old, after=new):
            yield from _altered(old, new, change.ref, dialect)


def _is_named(item: Object) -> bool:
    return not isinstance(item, Member) or (item.name is not None and item.kind in ("check", "exclude"))


def _titled(item: Object, ref: Ref, dialect: SchemaDialect) -> tuple[str, str]:
    """The title in front of the colon, and the object that is added or dropped."""
    kind = kinds.title(ref.kind)
    if isinstance(item, Index) and item.unique:
        kind = f"unique {kind}"
    if ref.table is None:
        return "", f"{kind} {name_of(ref, dialect)}"
    shown = item.name if isinstance(item, Member) and not _is_identified_by_content(item) else ref.name
    if isinstance(item, Member) and _is_identified_by_content(item):
        return table_of(ref, dialect), kind
    return table_of(ref, dialect), f"{kind} {dialect.quote(shown)}" if shown else kind


def _is_identified_by_content(item: Member) -> bool:
    """Whether people identify it by its columns rather than by its name."""
    return item.name is None or kinds.of(item.kind).shown_by_columns


def _dropped_with_table(table: Ref, before: Schema, dialect: SchemaDialect) -> str:
    """Objects that models cannot describe and that are dropped with a table: triggers, policies, rules."""
    dropped = [
        f"{kinds.title(item.kind)} {dialect.quote(item.name)}"
        for item in before.members(table)
        if isinstance(item, Definition) and not item.attached
    ]
    return f"with its {', '.join(sorted(dropped))}" if dropped else ""


def _renamed(change: Rename, dialect: SchemaDialect) -> ChangeLine:
    old, new = change.old, change.new
    kind = kinds.title(old.kind)
    if change.moves:
        default = dialect.server.default_schema
        source, goal = (name_of(ref if ref.schema else ref._replace(schema=default), dialect) for ref in (old, new))
        return ChangeLine(Verb.MOVE, "", kind, source, goal)
    if old.kind == "enum_value":
        return ChangeLine(Verb.RENAME, f"enum {table_of(new, dialect)}", "value", literal(old.name), literal(new.name))
    if old.table is not None:
        return ChangeLine(Verb.RENAME, table_of(new, dialect), kind, dialect.quote(old.name), dialect.quote(new.name))
    return ChangeLine(Verb.RENAME, "", kind, name_of(old, dialect), name_of(new, dialect))


def _altered(old: Object, new: Object, ref: Ref, dialect: SchemaDialect) -> Iterator[ChangeLine]:
    """Lines for all properties in which two objects of one identity or role differ, the name included."""
    subject = _subject(old, new, ref, dialect)
    lines = list(object_differences(subject, old, new, dialect))
    if isinstance(old, Member) and isinstance(new, Member) and old.name and new.name and old.name != new.name:
        former, name = dialect.quote(old.name), dialect.quote(new.name)
        lines.insert(0, ChangeLine(Verb.RENAME, table_of(ref, dialect), kinds.title(new.kind), former, name))
    yield from lines or [ChangeLine(Verb.CHANGE, subject, "", str(old), str(new))]


def _subject(old: Object, new: Object, ref: Ref, dialect: SchemaDialect) -> str:
    match old, new:
        case Column(), _:
            return column_path(ref, dialect)
        case Table(), _:
            return name_of(ref, dialect)
        case ForeignKey(), ForeignKey() if old.columns == new.columns:
            where = column_list(new.columns, dialect)
            same = (old.ref_table, old.ref_columns) == (new.ref_table, new.ref_columns)
            arrow = f" → {target(new, dialect)}" if same else ""
            return f"{table_of(ref, dialect)}: foreign key {where}{arrow}"
        case PrimaryKey(), _:
            return f"{table_of(ref, dialect)}: primary key"
        case Member(), _:
            name = f" {dialect.quote(new.name)}" if isinstance(new, Member) and new.name else ""
            return f"{table_of(ref, dialect)}: {kinds.title(ref.kind)}{name or ' ' + body(new, dialect)}"
    subject, noun = _titled(new, ref, dialect)
    return f"{subject}: {noun}" if subject else noun
