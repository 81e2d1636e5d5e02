"""Quoting of identifiers and string literals, and the layout of CREATE TABLE."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quoting:
    """Quoting of identifiers that the engine would not read back unchanged."""

    plain: re.Pattern[str]
    """Names that need no quotes, unless they are ``reserved``."""
    reserved: frozenset[str]
    """Reserved words in lower case."""
    mark: str = '"'

    def is_plain(self, name: str) -> bool:
        """Whether ``name`` needs no quotes."""
        return self.plain.fullmatch(name) is not None and name.lower() not in self.reserved

    def __call__(self, name: str) -> str:
        """The identifier, quoted only where needed."""
        return name if self.is_plain(name) else self.mark + name.replace(self.mark, self.mark * 2) + self.mark


def literal(text: str) -> str:
    """``text`` as a string literal of standard SQL."""
    return "'" + text.replace("'", "''") + "'"


def block(opening: str, items: Iterable[str], closing: str = ")") -> str:
    """``opening``, one indented item per line, and ``closing``, as in a readable CREATE TABLE."""
    lines = ",\n".join(f"    {item}" for item in items)
    return f"{opening}\n{lines}\n{closing}" if lines else f"{opening}{closing}"
