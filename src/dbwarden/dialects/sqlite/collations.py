"""Equivalents of other engines' collations in SQLite."""

from __future__ import annotations

_NAMED = {"nocase": "NOCASE", "rtrim": "RTRIM"}
BYTEWISE = frozenset(("binary", "c", "posix", "ucs_basic"))
"""Collations that compare byte by byte, as SQLite does without one."""


def folded(name: str | None) -> str:
    """The name of a collation without its schema and quotes, in lower case."""
    return (name or "").rpartition(".")[2].strip('"').lower()


def collation_of(name: str | None) -> str | None:
    """SQLite's collation for another engine's; ``None`` for comparison byte by byte.

    ``NOCASE`` stands for MySQL's ``..._ci``: it ignores the case of ASCII letters, but not accents.
    """
    plain = folded(name)
    return _NAMED.get(plain) or ("NOCASE" if plain.endswith("_ci") else None)
