"""Options: properties that only one vendor has (``fillfactor``, ``tablespace``, ``strict``), as sorted, frozen pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class OptionChange(Enum):
    """How the option of an existing object changes."""

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
    """First SQL words of its clause, in upper case; for ``pairs`` each key is such a word."""
    undone_by: tuple[str, ...] = ()
    """SQL words that restore the default."""
    inside: bool = False
    """Whether its clause is inside the parentheses of CREATE TABLE."""
    pairs: bool = False
    """Whether the value is a list ``key=value, key=value`` whose items are options of their own."""
    preserved: bool = True
    """Whether a value that the models never specified is left alone; false for a state that the server keeps."""
    initial: bool = False
    """Whether it counts only when the object is created: later the database's own value stays (a counter)."""
    same: Callable[[str, str], bool] | None = None
    """Whether a value of the database is what the models' value becomes there, though the texts differ."""
    suits: Callable[[Any, Any], bool] | None = None
    """Whether a table, in its schema, can have the option; ``None`` if all tables can."""

    def split(self, value: str | None) -> dict[str, str]:
        """The single options in ``value``, by name."""
        if value is None:
            return {}
        if not self.pairs:
            return {self.key: value}
        return {name.strip(): text.strip() for name, _, text in (part.partition("=") for part in _parts(value))}

    def join(self, values: Mapping[str, str]) -> str | None:
        """The inverse of ``split``; ``None`` for no options."""
        if not self.pairs:
            return values.get(self.key)
        return ", ".join(f"{name}={text}" for name, text in sorted(values.items())) or None


def _parts(text: str) -> list[str]:
    """The parts of a text between commas outside of parentheses and quotes."""
    parts, depth, quoted = [""], 0, False
    for character in text:
        quoted ^= character == "'"
        depth += 0 if quoted else {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts


@dataclass(frozen=True, slots=True)
class Options:
    """An immutable map from option name to SQL text, sorted by name."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, str | None]) -> Options:
        """Options from a mapping; keys whose value is ``None`` are left out."""
        pairs = tuple(sorted((key, value) for key, value in values.items() if value is not None))
        return cls(pairs) if pairs else NO_OPTIONS

    def get(self, key: str, default: str | None = None) -> str | None:
        for name, value in self.pairs:
            if name == key:
                return value
        return default

    def with_(self, **values: str | None) -> Options:
        """A copy with these values; ``None`` removes an option."""
        return Options.of({**dict(self.pairs), **values})

    def __str__(self) -> str:
        return " ".join(f"{key}={value}" for key, value in self.pairs) or "nothing"

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __bool__(self) -> bool:
        return bool(self.pairs)


NO_OPTIONS = Options()
