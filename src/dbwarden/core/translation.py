"""Translation of a schema or a statement from one engine to another, with what it loses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from .dialect import Dialect
from .model import Schema
from .types import DataType, Ref


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that the other engine does not do in the same way. ``where`` is ``users.tags`` or ``0003_x.sql:12``."""

    where: str
    what: str
    """``text[] becomes TEXT``."""
    why: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" ({self.why})" if self.why else "")


@dataclass(frozen=True, slots=True)
class Translation:
    """A canonical schema of the other engine, and the losses in the order of the objects."""

    schema: Schema
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class TranslatedStatement:
    """One statement in the other engine's words: none, one or several; ``losses`` as (what, why)."""

    statements: tuple[str, ...]
    losses: tuple[tuple[str, str], ...] = ()


class Translator(Protocol):
    """Translation into a dialect (``translate.py``), whose databases can replace another engine's in development."""

    def schema(self, schema: Schema, source: Dialect, type_overrides: Mapping[Ref, DataType]) -> Translation:
        """Translate a canonical schema of ``source`` into this engine's. ``type_overrides`` are the types of columns that
        the models themselves declare for this engine."""

    def ref(self, ref: Ref) -> Ref | None:
        """Name of a table, a column or an index in this engine; ``None`` for other kinds."""

    def statement(self, sql: str, source: Dialect) -> TranslatedStatement:
        """One statement of the dialect ``source`` in this engine's words."""

    def value(self, text: str, type_: DataType, source: str, columns: Iterable[str]) -> str | None:
        """An expression of the dialect ``source`` over these columns of one table, for a column of that type, in this
        engine's words; ``None`` where it has none."""

    def colspecs(self) -> Mapping[type, type]:
        """SQLAlchemy type -> the type that keeps its values here, where SQLAlchemy itself has none: for ``colspecs`` of
        its dialect. Server defaults that this package translates are stored in the same form."""
