"""Derives from the applied migrations which objects they created: only these may be dropped when a model is removed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from . import kinds
from .ddl.statements import RenameColumn
from .dialect import OWN_PREFIX
from .spelling import fold_ref
from .sqltext import fold_case
from .types import Ref

if TYPE_CHECKING:
    from .ddl.statements import Statement


@dataclass(frozen=True, slots=True)
class AppliedMigration:
    """The known statements of a migration in effect."""

    upgrade: Sequence[str] = ()
    """Empty if the file is missing."""
    rollback: Sequence[str] = ()
    generated: bool = True
    """Whether make-migrations wrote it: objects from hand-written files are never dropped."""
    unowned: Sequence[str] = ()
    """Patterns of the names of objects that are not ours although the file creates them."""

    def owns(self, ref: Ref) -> bool:
        """Whether an object that the file creates is ours. What belongs to a table follows the table."""
        name = fold_case((ref.table or ref.name).partition("(")[0])
        names = (name, f"{fold_case(ref.schema or '')}.{name}")
        return self.generated and not any(
            fnmatchcase(text, fold_case(pattern)) for text in names for pattern in self.unowned
        )


def created_by(
    migrations: Sequence[AppliedMigration], parse: Callable[[str], Statement], caseless: Collection[str] = ()
) -> frozenset[Ref]:
    """Objects that generated migrations created, under their current names.

    ``migrations`` are in the order of application. If a file is missing, a DROP in its stored rollback proves that its upgrade
    created the object. Names of the ``caseless`` kinds are folded, because statements may spell them differently.
    """

    directions = [
        (tuple(map(parse, file.upgrade)), tuple(map(parse, reversed(file.rollback))), file.owns) for file in migrations
    ]
    repeated = [_created(upgrade, caseless) & _created(rollback, caseless) for upgrade, rollback, _ in directions]
    upgrades = [(upgrade, owns) for upgrade, _, owns in directions]
    rollbacks = [(rollback, owns) for _, rollback, owns in directions]
    return _claimed_objects(upgrades, repeated, caseless, backwards=False) | _claimed_objects(
        rollbacks, repeated, caseless, backwards=True
    )


def _created(statements: Iterable[Statement], caseless: Collection[str]) -> set[Ref]:
    return {ref for statement in statements for ref in _fold_names(statement.creates, caseless)}


def schemas_in(statement: Statement) -> Iterator[str]:
    """The schemas that a statement creates or drops, and those of the objects that it creates, changes or drops."""
    tables = (action.table for action in statement.actions)
    moved = (new for _, new in statement.renamed)
    for ref in (*statement.creates, *statement.drops, *tables, *moved):
        schema = ref.name if ref.kind == "namespace" else ref.schema
        if schema:
            yield schema


def as_in_statements(ref: Ref) -> Ref:
    """``ref`` as statements name it: a partition is a table to them, and statistics have no table."""
    if ref.kind == "partition":
        return ref._replace(kind="table")
    return ref._replace(table=None) if ref.kind == "statistics" else ref


_ALSO_NAMED = {"enum": ("composite_type", "range_type"), "table": ("view", "materialized_view")}
"""Kinds that a statement may mean by the name of another: RENAME TABLE of a view, ALTER TYPE."""
_OTHER_TYPES = ("composite_type", "range_type")
"""Kinds that DROP TYPE drops too: its text does not say which."""


def _claimed_objects(
    migrations: Iterable[tuple[Sequence[Statement], Callable[[Ref], bool]]],
    repeated: Iterable[Collection[Ref]],
    caseless: Collection[str],
    *,
    backwards: bool,
) -> frozenset[Ref]:
    """Objects that the generated statements create or, for rollbacks read ``backwards``, drop.

    Ownership follows a rename, even one in a hand-written file, and ends with a drop. A rebuild, which replaces a table by
    another one of its name, does not change it, and neither does a file that drops a view of somebody else, or its table, and
    creates it again: ``repeated`` are the objects that both directions of a file create.
    """
    owned: set[Ref] = set()
    removed: set[Ref] = set()
    rebuilt: set[Ref] = set()
    for (statements, owns), both in zip(migrations, repeated, strict=True):
        shared, theirs = set(both) - owned, set[Ref]()
        carried = _carried_along(statements, backwards)
        replaced: set[tuple[str | None, str]] = set()
        for statement in statements:
            for old, new in ((fold_ref(old, caseless), fold_ref(new, caseless)) for old, new in _renames(statement)):
                if not _is_own(old):
                    _follow(owned, *((new, old) if backwards else (old, new)))
                elif backwards:
                    rebuilt.add(new)
                elif new in removed:
                    owned.add(new)
            created, dropped = (_fold_names(refs, caseless) for refs in (statement.creates, statement.drops))
            replaced.update((old.schema, old.name) for old, _ in statement.renamed)
            theirs |= {ref for ref in created - owned if _is_right_on(ref, replaced)}
            dropped |= {ref._replace(kind=kind) for ref in dropped if ref.kind == "enum" for kind in _OTHER_TYPES}
            if backwards:
                created, dropped = dropped, created
            theirs |= {ref for ref in created - owned if ref in carried}
            owned |= {ref for ref in created - rebuilt - theirs - shared if owns(ref)}
            rebuilt -= created
            removed -= created
            removed |= owned & dropped
            theirs = (theirs | dropped - owned) - created
            owned -= dropped
    return frozenset(owned)


def _is_right_on(ref: Ref, replaced: Collection[tuple[str | None, str]]) -> bool:
    """Whether these are privileges on an object that takes the place of a renamed one: the file repeats what was there."""
    return kinds.of(ref.kind).is_right and ref.table is not None and (ref.schema, ref.table) in replaced


def _carried_along(statements: Sequence[Statement], backwards: bool) -> frozenset[Ref]:
    """Privileges that a file grants anew under another name of their table or column, and revokes under the former one, because
    the server does not rename them."""
    begun = {ref for statement in statements for ref in statement.creates if kinds.of(ref.kind).is_right}
    ended = {ref for statement in statements for ref in statement.drops if kinds.of(ref.kind).is_right}
    if not begun or not ended:
        return frozenset()
    if backwards:
        begun, ended = ended, begun
    renamed = {ref: ref for ref in ended}
    pairs = [pair for statement in statements for pair in _renames(statement)]
    for old, new in ((new, old) if backwards else (old, new) for old, new in pairs):
        renamed = {ref: _after(now, old, new) for ref, now in renamed.items()}
    return frozenset(now for ref, now in renamed.items() if now != ref and now in begun)


def _renames(statement: Statement) -> Iterator[tuple[Ref, Ref]]:
    """The objects and columns that a statement renames."""
    yield from statement.renamed
    for action in statement.actions:
        if isinstance(action, RenameColumn):
            old = Ref("column", action.old, action.table.schema, action.table.name)
            yield old, old._replace(name=action.new)


def _fold_names(refs: Sequence[Ref], caseless: Collection[str]) -> set[Ref]:
    folded = (fold_ref(ref, caseless) for ref in refs)
    return {ref for ref in folded if not _is_own(ref)}


def _is_own(ref: Ref) -> bool:
    return fold_case(ref.name).startswith(OWN_PREFIX)


def _follow(owned: set[Ref], old: Ref, new: Ref) -> None:
    """Replace what is renamed, and what belongs to it, by their new names."""
    for ref in [ref for ref in owned if _after(ref, old, new) != ref]:
        owned.remove(ref)
        owned.add(_after(ref, old, new))


def _after(ref: Ref, old: Ref, new: Ref) -> Ref:
    if old.kind == "namespace":
        if ref.kind == "namespace":
            return new if ref == old else ref
        return ref._replace(schema=new.name) if ref.schema == old.name else ref
    if ref.table is None:
        same = ref.kind in (old.kind, *_ALSO_NAMED.get(old.kind, ())) and (ref.schema, ref.name) == (
            old.schema,
            old.name,
        )
        return ref._replace(name=new.name, schema=new.schema) if same else ref
    if (ref.kind, ref.table, ref.name) == (old.kind, old.table, old.name) and ref.schema == old.schema:
        return new
    if old.table is None and kinds.of(old.kind).is_relation and (ref.schema, ref.table) == (old.schema, old.name):
        return ref._replace(table=new.name, schema=new.schema)
    if old.kind == "column" and kinds.of(ref.kind).is_right and (ref.schema, ref.table) == (old.schema, old.table):
        place = f" ({old.name})"
        return ref._replace(name=f"{ref.name.removesuffix(place)} ({new.name})") if ref.name.endswith(place) else ref
    return ref
