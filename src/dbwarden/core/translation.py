"""Translation of a schema or a statement from one engine to another, with what it loses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from .types import DataType, Ref

if TYPE_CHECKING:
    from .dialect import Dialect
    from .model import Schema


@dataclass(frozen=True, slots=True)
class Loss:
    """A property that the other engine lacks or treats differently. ``where`` is ``users.tags`` or ``0003_x.sql:12``."""

    where: str
    change: str
    """``text[] becomes TEXT``."""
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.change}" + (f" ({self.reason})" if self.reason else "")


@dataclass(frozen=True, slots=True)
class Translation:
    """A canonical schema of the other engine, and the losses in the order of the objects."""

    schema: Schema
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class TranslatedStatement:
    """The translation of one statement: none, one or several; ``losses`` are pairs (change, reason)."""

    statements: tuple[str, ...]
    losses: tuple[tuple[str, str], ...] = ()


class Translator(Protocol):
    """Translation into a dialect whose databases can replace another engine's in development."""

    def schema(self, schema: Schema, source: Dialect, type_overrides: Mapping[Ref, DataType]) -> Translation:
        """Translate a canonical schema of ``source``. ``type_overrides`` are the types that the models declare for columns on
        this engine."""

    def ref(self, ref: Ref) -> Ref | None:
        """Name of a table, a column or an index in this engine; ``None`` for other kinds."""

    def statement(self, sql: str, source: Dialect) -> TranslatedStatement:
        """Translate one statement of the dialect ``source``."""

    def value(self, text: str, type_: DataType, source: str, columns: Iterable[str]) -> str | None:
        """Translate an expression of the dialect ``source`` over these columns, for a column of that type; ``None`` if it has
        no equivalent."""

    def colspecs(self) -> Mapping[type, type]:
        """Additions to ``colspecs`` of SQLAlchemy's dialect: types that store values of a SQLAlchemy type that this engine
        lacks. Translated server defaults are stored in the same form."""
