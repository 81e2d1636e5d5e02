"""Types and numbers of the sequences of MariaDB."""

from __future__ import annotations

from dataclasses import replace

from dbwarden.core.dialect import Server
from dbwarden.core.model import Sequence
from dbwarden.core.options import Options
from dbwarden.core.types import DataType

_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}


def has_types(server: Server) -> bool:
    """Whether a sequence may have another type than BIGINT (MariaDB 11.5)."""
    return server.flavour == "mariadb" and server.version >= (11, 5)


def bits(type_: DataType | None) -> int:
    """Size of the numbers of a type."""
    return _BITS.get(type_.name if type_ is not None else "bigint", 64)


def bounds(type_: DataType | None, increment: int) -> tuple[int, int]:
    """The bounds that MariaDB gives a sequence of a type, which never has its smallest and its largest value."""
    unsigned = type_ is not None and "unsigned" in (type_.modifiers or "").lower()
    largest = 2 ** (bits(type_) - (0 if unsigned else 1)) - 2
    if increment >= 0:
        return 1, largest
    return (1, largest) if unsigned else (-largest - 1, -1)


def options(
    type_: DataType | None, start: int, increment: int, minimum: int, maximum: int, cache: int, cycle: int
) -> Options:
    """Options of a sequence that differ from MariaDB's defaults."""
    low, high = bounds(type_, increment)
    values = {
        "start": (start, minimum if increment >= 0 else maximum),
        "increment": (increment, 1),
        "minvalue": (minimum, low),
        "maxvalue": (maximum, high),
        "cache": (cache, 1000),
    }
    changed = {key: str(value) for key, (value, default) in values.items() if value != default}
    return Options.of({**changed, "cycle": "true" if cycle else None})


def canonical(item: Sequence, server: Server) -> Sequence:
    """A sequence without what MariaDB has not: a column that owns it, and before 11.5 a type."""
    type_ = item.type if has_types(server) and item.type is not None and item.type.name != "bigint" else None
    if item.owned_by is None and type_ == item.type:
        return item
    return replace(item, type=type_, owned_by=None)
