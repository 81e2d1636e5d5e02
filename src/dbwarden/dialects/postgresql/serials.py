"""Defaults that are drawn from a sequence, and the serial columns that they stand for."""

from __future__ import annotations

import re
from collections.abc import Collection

from dbwarden.core.model import Column, Table
from dbwarden.core.type_table import Family
from dbwarden.core.types import DataType, Ref

from . import names
from .types import TYPES

INTEGERS = TYPES.names(Family.WHOLE)
_NEXTVAL = re.compile(
    r"(?:\bpg_catalog\s*\.\s*)?\bnextval\s*\(\s*'(?P<path>(?:[^']|'')+)'\s*(?:::\s*(?:regclass|text)\s*)?\)",
    re.IGNORECASE,
)
_PATH = re.compile(r'(?:("(?:[^"]|"")+"|[\w$]+)\.)?("(?:[^"]|"")+"|[\w$]+)')


def sequences_of(default: str, schema: str | None) -> frozenset[Ref]:
    """The sequences that a default draws from. ``schema`` is the default one."""
    return frozenset(filter(None, (_sequence(found, schema) for found in _NEXTVAL.finditer(default))))


def drawn_from(default: str, schema: str | None) -> Ref | None:
    """The sequence that a default draws from, where it does nothing else: ``nextval('t_id_seq'::regclass)``."""
    found = _NEXTVAL.fullmatch(default.strip())
    return _sequence(found, schema) if found else None


def _sequence(found: re.Match[str], schema: str | None) -> Ref | None:
    path = _PATH.fullmatch(found["path"].replace("''", "'"))
    if path is None:
        return None
    place, name = (_bare(part) if part else None for part in path.groups())
    return Ref("sequence", name or "", None if place == schema else place)


def _bare(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part.lower()


def is_serial(column: Column, type_: DataType, table: Table, sequence: Ref, sequences: Collection[Ref]) -> bool:
    """Whether a default that models write out can only mean SERIAL: on the sequence that the server makes for one, which the
    models do not have as a sequence of its own."""
    made = Ref("sequence", names.made_up(table.name, column.name, "seq"), table.schema)
    return (
        type_.name in INTEGERS
        and not type_.array
        and not column.nullable
        and sequence == made
        and made not in sequences
    )
