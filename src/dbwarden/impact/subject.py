"""Subjects that a migration takes away: tables, columns, values and names that are dropped, renamed or narrowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from dbwarden.core.types import Ref

from .usage import Confidence

Key = tuple[str | None, str]
"""Schema and name of a table; the default schema is ``None``."""


class Removal(Enum):
    """Change that a subject undergoes."""

    DROPPED = "dropped"
    RENAMED = "renamed"
    NARROWED = "narrowed"


@dataclass(frozen=True, slots=True)
class Subject:
    """One object with its name before the migration.

    The kind of ``ref`` is table, column, value (its table or enumeration is ``ref.table``), enum, index, constraint or
    view. ``columns`` of a value are those that hold it.
    """

    ref: Ref
    removal: Removal
    detail: str
    """Detail in words: ``renamed to mobile``, ``no longer NULL``."""
    columns: tuple[tuple[Key, str], ...] = ()

    @property
    def key(self) -> Key:
        """The table, for a column or table."""
        return self.ref.schema, self.ref.table or self.ref.name


def same_table(one: Key, other: Key) -> Confidence | None:
    """Confidence that two tables are one, as far as both name their schema; ``None`` where they are not."""
    if one[1].casefold() != other[1].casefold():
        return None
    if (one[0] or "").casefold() == (other[0] or "").casefold():
        return Confidence.CERTAIN
    return Confidence.LIKELY if one[0] is None or other[0] is None else None


@dataclass(frozen=True)
class Impact:
    """The subjects, and the columns of all tables known completely before the migration, in small letters."""

    subjects: tuple[Subject, ...]
    columns: Mapping[Key, frozenset[str]]
    default_schema: str | None = None

    @cached_property
    def _by_name(self) -> Mapping[str, list[Subject]]:
        by_name: dict[str, list[Subject]] = {}
        for subject in self.subjects:
            by_name.setdefault(subject.ref.name.casefold(), []).append(subject)
        return by_name

    def named(self, name: str, *kinds: str) -> list[Subject]:
        """The subjects of these kinds with a name, in whatever letter case."""
        return [subject for subject in self._by_name.get(name.casefold(), ()) if subject.ref.kind in kinds]

    def at(self, table: Key, name: str, *kinds: str) -> Iterator[tuple[Subject, Confidence]]:
        """The subjects that a table, or a column of it, is."""
        for subject in self.named(name, *kinds):
            if (confidence := same_table(subject.key, table)) is not None:
                yield subject, confidence

    def values(self, text: str | None) -> list[Subject]:
        """The values that a text is."""
        return [subject for subject in self.named(text or "", "value") if subject.ref.name == text]
