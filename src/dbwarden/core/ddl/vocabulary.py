"""Words that one dialect reserves where others have names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Vocabulary:
    """Words that a dialect adds to those of the parser."""

    elements: frozenset[str] = frozenset()
    """First words of an item of CREATE TABLE that is not a column: ``KEY`` (MySQL), ``PROJECTION`` (ClickHouse)."""
    after_type: frozenset[str] = frozenset()
    """Words that end the type of a column: ``CODEC``, ``TTL`` (ClickHouse)."""
    table_clauses: tuple[str, ...] = ()
    """First words of the clauses behind the columns of CREATE TABLE: ``ENGINE``, ``ORDER BY``."""
    kinds: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    """Kinds of objects by the words that name them: ``EVENT`` (MySQL), ``DICTIONARY`` (ClickHouse)."""


STANDARD = Vocabulary()
