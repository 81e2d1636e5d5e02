"""The table of an engine's types: their names, their families, their equivalents in SQLAlchemy and on a development database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import Enum
from typing import NamedTuple

from .types import DataType


class Family(Enum):
    """Family of a type, by the kind of its values."""

    WHOLE = "whole numbers"
    DECIMAL = "decimal numbers"
    FLOAT = "floating-point numbers"
    MONEY = "amounts of money"
    BOOLEAN = "true or false"
    TEXT = "texts"
    BYTES = "bytes"
    BITS = "strings of bits"
    DATE = "dates"
    TIME = "times of day"
    TIMESTAMP = "dates with a time of day"
    INTERVAL = "spans of time"
    JSON = "JSON documents"
    UUID = "UUIDs"
    OTHER = "something of its own"


class TypeChange(Enum):
    """Effect of a change of type on the values of a column."""

    SAME = "nothing"
    FREE = "kept, the rows need not be written again"
    KEPT = "kept"
    NARROWED = "refused or cut where they do not fit"
    RESPELLED = "refused where they do not fit, and the spelling of the others is forgotten"
    LOSSY = "changed for good"
    UNKNOWN = "not known"

    @property
    def is_lossy(self) -> bool:
        """Whether a successful conversion can change a value so that converting back does not restore it."""
        return self in (TypeChange.RESPELLED, TypeChange.LOSSY, TypeChange.UNKNOWN)


NUMBERS = (Family.WHOLE, Family.DECIMAL, Family.FLOAT)


class DevType(NamedTuple):
    """Type of a column on a development database of another engine."""

    name: str
    loss: str | None = None
    """What is lost there, in words."""
    with_arguments: bool = False
    collation: str | None = None


UNCHECKED_TEXT = DevType("text", "values are not checked, and its operators are missing")


@dataclass(frozen=True, slots=True)
class TypeRow:
    """One type of an engine."""

    name: str
    """Name as in ``DataType.name``, after ``canonical``."""
    family: Family = Family.OTHER
    aliases: tuple[str, ...] = ()
    """Other names for it, with their modifiers: ``timestamptz``, ``character varying``."""
    _: KW_ONLY
    modifiers: str = ""
    """Modifiers as in ``DataType.modifiers``."""
    size: int = 0
    """Bytes of a whole number, bits in the mantissa of a floating-point number, default length of a text (0: any)."""
    verbatim: bool = False
    """Whether a document is stored as the text given, with its white space and duplicate keys."""
    conversions: Mapping[str, TypeChange] = field(default_factory=dict)
    """Effect on values of conversions to other types, by ``key``. ``type_change`` knows those among numbers and texts."""
    sqlalchemy: str = ""
    """The SQLAlchemy type as Python source, ``pg`` being ``sqlalchemy.dialects.postgresql`` and so on; empty for none."""
    dev: DevType = UNCHECKED_TEXT
    examples: tuple[str, ...] = ()
    """Values as text, to try out conversions."""
    ambiguous: tuple[str, ...] = ()
    """Texts whose value depends on session settings."""
    extension: bool = False
    """Whether an extension provides it; its name is then not printed in upper case."""

    @property
    def key(self) -> str:
        """The name with the modifiers: ``timestamp with time zone``."""
        return f"{self.name} {self.modifiers}".strip()


@dataclass(frozen=True, slots=True)
class TypeUse:
    """A type as a column uses it: its row, with arguments and dimensions."""

    row: TypeRow
    args: tuple[str, ...] = ()
    array: int = 0

    @property
    def family(self) -> Family:
        return self.row.family


class TypeTable:
    """The types of one engine, by any of their names."""

    def __init__(self, rows: Iterable[TypeRow] = ()) -> None:
        self.rows = tuple(rows)
        self._by_name = {name: row for row in self.rows for name in (row.key, *row.aliases)}

    def get(self, name: str) -> TypeRow | None:
        """The row of a type by its name with modifiers, or by an alias."""
        return self._by_name.get(name)

    def row(self, datatype: DataType) -> TypeRow:
        """The row of a type; an empty one for a type that is not in the table.

        Arguments count only in the name of a row that has them (``tinyint(1)``), modifiers likewise (``with time zone``).
        """
        names = self._by_name
        if datatype.args and (row := names.get(str(datatype))):
            return row
        name = f"{datatype.name} {datatype.modifiers}".strip()
        return names.get(name) or names.get(datatype.name) or TypeRow(name)

    def use(self, datatype: DataType) -> TypeUse:
        """The row of a type with its arguments and dimensions."""
        return TypeUse(self.row(datatype), datatype.args, datatype.array)

    def names(self, *families: Family) -> frozenset[str]:
        """The keys of all types of these families."""
        return frozenset(row.key for row in self.rows if row.family in families)

    def family_key(self, datatype: DataType) -> object:
        """Key that is equal for types of one family, between which a renamed column may have changed."""
        row = self.row(datatype)
        return datatype.ref or (row.name if row.family is Family.OTHER else row.family)
