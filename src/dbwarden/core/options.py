"""Options: sorted, frozen pairs for properties of a single vendor (``fillfactor``, ``tablespace``, ``strict``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class OptionChange(Enum):
    """Way in which an existing object takes a new value of an option."""

    IN_PLACE = "in place"
    RECREATE = "recreate"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """An option of a dialect: SQLAlchemy's keyword without the dialect prefix, the server's default, how it changes."""

    key: str
    default: str | None = None
    change: OptionChange = OptionChange.IN_PLACE
    words: tuple[str, ...] = ()
    """The words of SQL that its clause begins with, in capitals; of ``pairs`` each key is a word of its own."""
    undone_by: tuple[str, ...] = ()
    """The words of SQL that bring the default back."""
    inside: bool = False
    """Whether the clause of a table stands within the parentheses of CREATE TABLE."""
    pairs: bool = False
    """Whether the value is a list, ``key=value, key=value``, each of which is an option of its own."""
    preserved: bool = True
    """Whether a value that no model ever gave stays as the database has it; false for what is a state, not a wish."""
    suits: Callable[[Any, Any], bool] | None = None
    """Whether a table, in its schema, can have it at all; ``None`` where every one can."""

    def split(self, value: str | None) -> dict[str, str]:
        """Options contained in ``value``, by the names that ``SpecifiedOptions`` uses."""
        if value is None:
            return {}
        if not self.pairs:
            return {self.key: value}
        return {name.strip(): text for name, _, text in (part.partition("=") for part in value.split(","))}

    def join(self, values: Mapping[str, str]) -> str | None:
        """The inverse of ``split``; ``None`` where nothing is left."""
        if not self.pairs:
            return values.get(self.key)
        return ", ".join(f"{name}={text}" for name, text in sorted(values.items())) or None


@dataclass(frozen=True, slots=True)
class Options:
    """An immutable, sorted map from option name to its SQL text; equal when the pairs are equal."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, str | None]) -> Options:
        """Options from a mapping; keys whose value is ``None`` are left out."""
        pairs = tuple(sorted((key, value) for key, value in values.items() if value is not None))
        return cls(pairs) if pairs else NO_OPTIONS

    def get(self, key: str, default: str | None = None) -> str | None:
        """The value of ``key``, or ``default``."""
        for name, value in self.pairs:
            if name == key:
                return value
        return default

    def with_(self, **values: str | None) -> Options:
        """A copy with these values set, ``None`` removing a key."""
        return Options.of({**dict(self.pairs), **values})

    def __str__(self) -> str:
        return " ".join(f"{key}={value}" for key, value in self.pairs) or "nothing"

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __bool__(self) -> bool:
        return bool(self.pairs)


NO_OPTIONS = Options()
