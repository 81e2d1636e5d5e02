"""Repeatable files that make-migrations writes: which objects live in them, and their texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dbwarden import dialects
from dbwarden.core import file as migration_file
from dbwarden.core import file_writer, kinds
from dbwarden.core.cascade import with_replacements
from dbwarden.core.change import Add, Alter
from dbwarden.core.dialect import Dialect
from dbwarden.core.diff import diff
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Schema
from dbwarden.core.overview import Overview
from dbwarden.core.plan import Pair, declared_owners, is_of_owner
from dbwarden.core.repeatables import Repeatable, changed_refs, living_in, repeatable_refs, repeatables, rights_on
from dbwarden.core.steps import Plan
from dbwarden.core.types import Ref

_UNPROVEN = "repeatable; tried out together with the change that it belongs to"


@dataclass(frozen=True)
class RepeatableFiles:
    """The repeatable files before and after a comparison."""

    pair: Pair
    """The schemas, in which pending repeatables count as applied."""
    refs: frozenset[Ref] = frozenset()
    """Objects that repeatable files create."""
    existing: Mapping[Ref, MigrationFile] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def made(self, dialect: Dialect) -> tuple[Repeatable, ...]:
        """The files for the objects that are declared, in the order in which they need one another."""
        refs = frozenset(ref for ref in self.refs if ref in self.pair.desired)
        return repeatables(refs, self.pair.desired, self.existing, dialect.repeatable)

    def to_write(self, dialect: Dialect) -> tuple[tuple[Repeatable, str], ...]:
        """Files that do not exist or whose statements differ, with their texts."""
        made = ((item, text_of(item, dialect)) for item in self.made(dialect))
        return tuple((item, text) for item, text in made if not _is_same(self.existing.get(item.ref), text, dialect))

    @property
    def to_remove(self) -> tuple[str, ...]:
        """Names of files whose object is no longer declared."""
        return tuple(sorted(file.name for ref, file in self.existing.items() if ref not in self.pair.desired))

    def running(self, plan: Plan, dialect: Dialect) -> tuple[Repeatable, ...]:
        """The files that run behind a versioned file with this plan: new and changed ones, and those of what it drops."""
        changed = changed_refs([step.change for step in plan.steps], self.refs)
        written = {item.name for item, _ in self.to_write(dialect)}
        return tuple(item for item in self.made(dialect) if item.name in written or item.ref in changed)


def repeatable_files(
    dialect: Dialect, files: Sequence[MigrationFile], overview: Overview, both: Pair, asked: bool
) -> RepeatableFiles:
    """The objects that live in repeatable files, and with ``asked`` those that come to live in one.

    A file written by hand, or one with several objects, is left alone, and its objects are not planned.
    """
    created = living_in(files, dialect.parse)
    counts = [file.name for file in created.values()]
    ours = {ref: file for ref, file in created.items() if file.generated and counts.count(file.name) == 1}
    pending = {entry.file.key for entry in overview.entries if entry.file is not None and entry.needs_run}
    current, notes = both.current, list[str]()
    for ref, file in created.items():
        wanted = both.desired.get(ref)
        if wanted is None:
            continue
        rights = tuple(rights_on(ref, both.desired))
        if all(current.get(item.ref) == item for item in (wanted, *rights)):
            continue
        if ref not in ours:
            notes.append(f"{ref} lives in {file.name}, which is written by hand: change it there.")
            current = current.put(wanted, *rights)
        elif _is_same(file, _text(dialect, both.desired, ours, ref), dialect):
            if file.key not in pending:
                notes.append(f"{ref} in the database is not what {file.name} made of it: somebody changed it.")
            current = current.put(wanted, *rights)
    owners = declared_owners(both.desired)
    remaining = [
        item
        for ref in ours
        if ref in both.desired
        for item in rights_on(ref, current)
        if item.ref not in both.desired and not is_of_owner(item, owners)
    ]
    notes += (
        f"The privileges of {item.name} on {item.on} stay, because no version may take them from what a repeatable file creates:"
        f" to take them away, declare Grant((), on=..., to=...)."
        for item in remaining
    )
    both = replace(both, current=current, desired=both.desired.put(*remaining))
    refs = frozenset(ours)
    if asked:
        renamed = both.renamed()
        changes = with_replacements(diff(renamed, both.desired), dialect.replaces)
        able = [change for change in changes if change.ref.kind in dialect.features.repeatable_definitions]
        replaceable = repeatable_refs(able, both.desired, dialect.features.repeatable_definitions)
        versioned = {
            change.ref for change in able if isinstance(change, Add | Alter) and not kinds.of(change.ref.kind).is_right
        } - (replaceable | refs)
        notes += (
            f"{ref} stays in a versioned file: what only versions create needs it."
            for ref in sorted(versioned, key=str)
        )
        refs |= replaceable
    return RepeatableFiles(both, refs, ours, tuple(notes))


def _text(dialect: Dialect, desired: Schema, existing: Mapping[Ref, MigrationFile], ref: Ref) -> str:
    (made,) = (item for item in repeatables({ref}, desired, existing, dialect.repeatable) if item.ref == ref)
    return text_of(made, dialect)


def text_of(item: Repeatable, dialect: Dialect) -> str:
    """Text of a repeatable file."""
    headers = {"depends_on": item.depends_on, "unproven": _UNPROVEN}
    return file_writer.format(item.upgrade, item.rollback, headers, lexical_rules=dialect.lexical_rules)


def _is_same(file: MigrationFile | None, text: str, dialect: Dialect) -> bool:
    """Whether a file has these statements and headers."""
    if file is None:
        return False
    made = migration_file.parse(file.name, text, dialect.lexical_rules, dialects.LEXICAL_RULES)
    return (made.checksum, made.depends_on) == (file.checksum, file.depends_on)
