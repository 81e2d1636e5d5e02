"""Objects that live in repeatable files (``ROC__name.sql``): such a file has the present declaration and runs whenever it changed.

Versions run first, so that a versioned file may not rely on such an object: what must make room for a change of a table is
dropped with IF EXISTS, and the file's header ``repeats`` lets the repeatables create it again behind all versions. A rollback
restores the former text, and the header brings the new one back when the version is applied again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dbwarden.errors import Unsupported

from . import kinds, topology
from .called_names import called_names
from .change import Add, Alter, Change, Drop
from .ddl.statements import Statement
from .file import MigrationFile
from .filename import Kind, repeatable_name, stem
from .model import Definition, Object, Schema, dependent_kind
from .sqltext import fold_case
from .steps import Step
from .types import Ref

_DROP = re.compile(r"^(DROP (?:(?:MATERIALIZED|EVENT)(?= [VT]) )?[A-Z]+) (?!IF EXISTS\b)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A repeatable file for one object."""

    ref: Ref
    name: str
    upgrade: tuple[str, ...]
    """Statements that create or replace the object."""
    rollback: tuple[str, ...]
    depends_on: tuple[str, ...] = ()
    """Repeatables that it needs, by their keys."""

    @property
    def key(self) -> str:
        return stem(self.name)


def if_exists(statements: Iterable[str]) -> tuple[str, ...]:
    """DROP statements that accept that the object is not there."""
    return tuple(_DROP.sub(r"\1 IF EXISTS ", sql, count=1) for sql in statements)


def living_in(files: Iterable[MigrationFile], parse: Callable[[str], Statement]) -> Mapping[Ref, MigrationFile]:
    """The objects that runs-on-change files create, with their file."""
    created: dict[Ref, MigrationFile] = {}
    for file in files:
        if file.kind is Kind.RUNS_ON_CHANGE:
            for statement in file.upgrade():
                for ref in parse(statement.text).creates:
                    if kinds.of(ref.kind).text_defined and not kinds.of(ref.kind).is_right:
                        created.setdefault(ref, file)
    return created


def repeatable_refs(changes: Iterable[Change], desired: Schema, able: Collection[str]) -> frozenset[Ref]:
    """The objects that ``changes`` create or replace and that a repeatable file may create: of an ``able`` kind, and needed by
    nothing that only versions create."""
    repeatable = {
        change.ref
        for change in changes
        if isinstance(change, Add | Alter) and change.ref.kind in able and change.ref in desired
        if not kinds.of(change.ref.kind).is_right
    }
    while repeatable:
        others = (
            item
            for ref, item in desired.items()
            if ref not in repeatable and not (kinds.of(item.kind).is_right and item.kind in able)
        )
        needed = {ref for item in others for ref in _needs(item, repeatable)}
        if not needed:
            break
        repeatable -= needed
    return frozenset(repeatable)


def _needs(item: Object, refs: Collection[Ref]) -> Iterator[Ref]:
    """Those of ``refs`` that an object needs, by its references or by the routines that its expressions call."""
    uses = item.uses()
    columns = getattr(item, "columns", None)
    parts = columns.values() if isinstance(columns, Mapping) else ()
    uses = uses.union(*(part.uses() for part in parts))
    called = set[str]()
    if any(kinds.of(ref.kind).is_routine for ref in refs):
        called = called_names(item)
    for ref in refs:
        if ref in uses or (kinds.of(ref.kind).is_routine and fold_case(ref.name.partition("(")[0]) in called):
            yield ref


def rights_on(ref: Ref, schema: Schema) -> Iterator[Definition]:
    """The declared owner of an object, and behind it the privileges, which its repeatable file gives."""
    for item in sorted(schema.objects(), key=lambda item: kinds.rank(item.kind)):
        if isinstance(item, Definition) and kinds.of(item.kind).is_right and item.on == ref:
            yield item


def divided(steps: Sequence[Step], refs: frozenset[Ref]) -> list[Step]:
    """The steps of a versioned file: what creates or replaces one of ``refs``, or gives privileges on it, is left to its
    repeatable file.

    Raises ``Unsupported`` if an object would have to be dropped with something that no model declares.
    """
    dropped = {step.change.ref for step in steps if isinstance(step.change, Drop)}
    for step in steps:
        item = getattr(step.change, "object", None)
        if isinstance(step.change, Add) and step.change.ref in refs & dropped and isinstance(item, Definition):
            _ensure_declared(item)
    return [_divided(step) if step.change.ref in refs or _is_right_on(step.change, refs) else step for step in steps]


def _is_right_on(change: Change, refs: Collection[Ref]) -> bool:
    item = getattr(change, "object", None) or getattr(change, "after", None)
    return isinstance(item, Definition) and kinds.of(item.kind).is_right and item.on in refs


def _ensure_declared(item: Definition) -> None:
    others = [text for text in item.dependents if not dependent_kind(text)]
    if others:
        raise Unsupported(
            f"{item.ref} lives in a repeatable file and must be dropped, with what no model declares: {'; '.join(others)}",
            hint="Declare its privileges (Grant), or drop and create it in a migration of its own.",
        )


def _divided(step: Step) -> Step:
    match step.change:
        case Add(object=Definition() as item) | Drop(object=Definition() as item) if kinds.of(item.kind).is_right:
            return replace(step, upgrade=())
        case Add():
            return replace(step, upgrade=(), rollback=if_exists(step.rollback))
        case Alter():
            return replace(step, upgrade=())
        case Drop():
            return replace(step, upgrade=if_exists(step.upgrade))
    return step


def repeatables(
    refs: Collection[Ref],
    desired: Schema,
    existing: Mapping[Ref, MigrationFile],
    write: Callable[[Definition], tuple[tuple[str, ...], tuple[str, ...]]],
) -> tuple[Repeatable, ...]:
    """The repeatable files for ``refs``, in the order in which they need one another."""
    names = {ref: file.name for ref, file in existing.items()}
    for ref in sorted(refs, key=lambda ref: ref.key):
        names.setdefault(ref, _free_name(ref, names.values()))
    listed: list[Repeatable] = []
    for ref in refs:
        item = desired.get(ref)
        if isinstance(item, Definition):
            others = {names[need] for need in _needs(item, names.keys() - {ref})} - {names[ref]}
            upgrade, rollback = write(item)
            upgrade = (*upgrade, *(sql for right in rights_on(ref, desired) for sql in write(right)[0]))
            listed.append(Repeatable(ref, names[ref], upgrade, rollback, tuple(sorted(map(stem, others)))))
    listed.sort(key=lambda made: made.name)
    places = {made.key: at for at, made in enumerate(listed)}
    edges = [[places[key] for key in made.depends_on if key in places] for made in listed]
    return tuple(listed[at] for at in topology.depth_first(edges))


def _free_name(ref: Ref, taken: Collection[str]) -> str:
    """The name of the file for an object: that of the object, with more of its identity where that is taken."""
    plain = ref.name.partition("(")[0]
    place = f"{ref.schema} " if ref.schema else ""
    words = f"{place}{ref.table} {plain}" if ref.table else f"{place}{plain}"
    for candidate in (words, f"{words} {kinds.title(ref.kind)}", f"{words} {ref.name.partition('(')[2]}"):
        name = repeatable_name(Kind.RUNS_ON_CHANGE, candidate)
        if name not in taken:
            return name
    return next(
        name
        for number in range(2, 1000)
        if (name := repeatable_name(Kind.RUNS_ON_CHANGE, f"{words} {number}")) not in taken
    )


def changed_refs(changes: Sequence[Change], refs: Collection[Ref]) -> frozenset[Ref]:
    """Those of ``refs`` that the changes create, replace or drop."""
    return frozenset(change.ref for change in changes if change.ref in refs)
