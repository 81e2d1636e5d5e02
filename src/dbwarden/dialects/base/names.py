"""Identifiers and literals as they are written in statements."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quoting:
    """Quoting of identifiers: bare where the engine reads them back unchanged, else between quotes."""

    plain: re.Pattern[str]
    """Names that may stand without quotes, unless they are ``reserved``."""
    reserved: frozenset[str]
    """Words in lower case."""
    mark: str = '"'

    def is_plain(self, name: str) -> bool:
        """Whether ``name`` may stand without quotes."""
        return self.plain.fullmatch(name) is not None and name.lower() not in self.reserved

    def __call__(self, name: str) -> str:
        """The identifier, quoted only where needed."""
        return name if self.is_plain(name) else self.mark + name.replace(self.mark, self.mark * 2) + self.mark


def literal(text: str) -> str:
    """A string literal of standard SQL."""
    return "'" + text.replace("'", "''") + "'"
