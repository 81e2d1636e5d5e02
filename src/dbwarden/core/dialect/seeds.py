"""Role of a dialect: rows as statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from .identity import DialectIdentity

if TYPE_CHECKING:  # what the interfaces only name: a command that connects needs none of it
    from ..model import Object, Table


class SeedDialect(DialectIdentity, Protocol):
    """Rows as statements. Pure: needs no connection."""

    def row_query(self, table: Table, key: Sequence[str], where: str | None, limit: int | None) -> str:
        """Query of the rows for ``row_values``, ordered by the columns ``key``."""

    def row_values(self, table: Table, row: Sequence[Any]) -> tuple[str, ...]:
        """A row of that query as SQL expressions, by which ``upsert`` stores the same values again."""

    def row_key(self, table: Table, members: Iterable[Object]) -> tuple[str, ...]:
        """The columns by which the engine recognises a row that is there already: the primary key, or unique columns that are
        NOT NULL. Raises ``UnkeyedTable``."""

    def upsert(self, table: Table, key: Sequence[str], rows: Sequence[Sequence[str]], *, update: bool) -> str:
        """Statement that inserts those rows, given as ``row_values``, whose key is new. With ``update`` the others get the
        given values, else they stay. Raises ``Unsupported``."""

    def delete_rows(self, table: Table, key: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        """Statement that deletes the rows with the keys of ``rows``."""
