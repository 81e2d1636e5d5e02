"""Application-time periods of MariaDB's tables, and their keys WITHOUT OVERLAPS.

Before MariaDB 11.4 only SHOW CREATE TABLE has them. ``information_schema`` shows a period as a check of its name, and a key
WITHOUT OVERLAPS with both columns of the period at its end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dbwarden.core.model import Column

_NAME = r"`(?:[^`]|``)+`"
_PERIOD = re.compile(rf"^  PERIOD FOR ({_NAME}) \(({_NAME}), ({_NAME})\),?$", re.MULTILINE)
_KEY = re.compile(rf"^  (?:PRIMARY KEY|UNIQUE KEY ({_NAME})) \((?:.*,)?({_NAME}) WITHOUT OVERLAPS\)", re.MULTILINE)
_CHECK = re.compile(rf"({_NAME}) < ({_NAME})")


@dataclass(frozen=True, slots=True)
class Periods:
    """Periods of one table."""

    clauses: tuple[str, ...] = ()
    """The clauses of CREATE TABLE."""
    names: frozenset[str] = frozenset()
    """Names of the application-time periods, which are no checks."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The period of each key WITHOUT OVERLAPS, by the name of its index."""


NO_PERIODS = Periods()


def may_be_period(clause: str, columns: Mapping[str, Column]) -> bool:
    """Whether a check has the form in which the catalogue shows a period."""
    match = _CHECK.fullmatch(clause)
    if match is None:
        return False
    both = [columns.get(_plain(name)) for name in match.groups()]
    return all(column is not None and not column.nullable for column in both)


def read(shown: str) -> Periods:
    """The periods in a text of SHOW CREATE TABLE."""
    periods = _PERIOD.findall(shown)
    clauses = tuple(f"PERIOD FOR {name} ({start}, {end})" for name, start, end in periods)
    names = frozenset(_plain(name) for name, _, _ in periods)
    keys = {_plain(key) if key else "PRIMARY": _plain(period) for key, period in _KEY.findall(shown)}
    return Periods(clauses, names, keys)


def _plain(name: str) -> str:
    return name[1:-1].replace("``", "`") if name.startswith("`") else name
