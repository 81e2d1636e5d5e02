"""A project of another migration tool, in one form for all tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
"""A row of the tool's history table, by column."""


@dataclass(frozen=True, slots=True)
class Address:
    """URL of the database. ``reference`` is its text for ``warden.py`` if that may name environment variables
    (``${DATABASE_URL}``); else ``None``."""

    url: str = field(repr=False)
    source: str
    """Where it is configured, for messages."""
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The table in which the tool records what it applied."""

    table: str
    columns: tuple[str, ...]
    """Columns that the table must have, by which it is recognised."""
    schema: str | None = None
    """Its schema if the configuration names one."""
    optional: tuple[str, ...] = ()
    """Columns that are read if the table has them."""
    lock: tuple[str, str] | None = None
    """The tool's lock table and the column that names the holder: a row means that the tool is running."""
    others: tuple[str, ...] = ()
    """Further tables of the tool, which are ignored too."""


@dataclass(frozen=True, slots=True)
class OriginState:
    """The files of a tool, compared with its history table."""

    applied: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """Entries of the history without a file."""
    notes: tuple[str, ...] = ()
    advice: str = ""
    """What to type if something is pending."""


def _no_state(rows: Sequence[Row]) -> OriginState:
    return OriginState()


@dataclass(frozen=True)
class OriginProject:
    """What the configuration and the files of a tool say."""

    tool: str
    configuration: str = ""
    """The file that was read, relative to the folder; empty for a bare database."""
    address: Address | None = None
    no_url: str = ""
    """Why there is no ``address``."""
    history: History | None = None
    model_paths: tuple[str, ...] = ()
    """Modules with SQLAlchemy models, if the tool knows them."""
    has_models: bool = False
    """Whether the application has SQLAlchemy models, known or not."""
    notes: tuple[str, ...] = ()
    examine: Callable[[Sequence[Row]], OriginState] = _no_state
    """Compare the files with the rows of the history table. Raises ``UnfinishedOrigin``."""


def listed(names: Sequence[str], most: int = 8) -> str:
    """Names as indented lines of an error message."""
    more = len(names) - most
    lines = [*names[:most], *([f"and {more} more"] if more > 0 else [])]
    return "".join(f"\n    {line}" for line in lines)
