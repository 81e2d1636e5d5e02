"""Words that one dialect reserves and others allow as names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Vocabulary:
    """Words that a dialect adds to the standard ones."""

    elements: frozenset[str] = frozenset()
    """First words of an item of CREATE TABLE that is not a column: ``KEY`` (MySQL), ``PROJECTION`` (ClickHouse)."""
    after_type: frozenset[str] = frozenset()
    """Words that end the type of a column: ``CODEC``, ``TTL`` (ClickHouse)."""
    numbered: frozenset[str] = frozenset()
    """Types whose columns number the rows, in capitals: ``SERIAL`` (PostgreSQL)."""
    table_clauses: tuple[str, ...] = ()
    """First words of the clauses after the columns of CREATE TABLE: ``ENGINE``, ``ORDER BY``."""
    last_clauses: frozenset[str] = frozenset()
    """Second words of clauses of ALTER TABLE that end it and may contain commas: ``DROP PARTITION a, b`` (MySQL)."""
    trailing_clauses: frozenset[tuple[str, str]] = frozenset()
    """First two words of clauses of ALTER TABLE that follow the one before them without a comma: ``PARTITION BY`` (MySQL)."""
    kinds: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    """Kinds of objects by their SQL words: ``EVENT`` (MySQL), ``DICTIONARY`` (ClickHouse)."""


STANDARD = Vocabulary()
