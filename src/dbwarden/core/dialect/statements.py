"""Role of a dialect: analysis of SQL statements by their text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from .identity import DialectIdentity

if TYPE_CHECKING:  # what the interfaces only name: a command that connects needs none of it
    from ..ddl.statements import CreateTable, Statement
    from ..model import Schema
    from ..statement import Facts, Recovery
    from ..types import Ref


class MergedRows(NamedTuple):
    """Rows that the engine of a table merges after they are inserted."""

    effect: str
    """What becomes of them, in words: ``of rows with equal id, the last row stays``."""
    counting: str = ""
    """Query for how many rows fewer there will be, where one says so exactly."""


class StatementDialect(DialectIdentity, Protocol):
    """Analysis of SQL statements by their text. Pure: needs no connection."""

    def parse(self, sql: str) -> Statement:
        """Parse one statement; comments, line breaks and letter case make no difference."""

    def facts(self, sql: str) -> Facts:
        """Facts about one statement."""

    def facts_of(self, statement: Statement) -> Facts:
        """Facts about a parsed statement, all but ``reach``, which needs the text."""

    def facts_on(self, known: Facts, statement: Statement, schema: Schema) -> Facts:
        """Facts about a statement on the tables of ``schema``, of which ``known`` are those that its text shows."""

    def analyze_file(self, statements: Sequence[str]) -> tuple[Facts, ...]:
        """Facts about the statements of one file, which may depend on each other (a new enum value and its first use)."""

    def unreplicated_engine(self, sql: str) -> str | None:
        """The engine of a table that a statement creates on every server of a cluster, each with rows of its own; ``None``
        for any other statement."""

    def merged_rows(self, table: CreateTable, source: Ref, former: CreateTable | None) -> MergedRows | None:
        """What a new table makes of the rows that are copied from ``source``, which was created like ``former`` if that is
        known; ``None`` if it keeps them all, or they were merged alike before."""

    def recovery(self, sql: str) -> Recovery:
        """How a later run recovers from an interruption of this statement outside a transaction."""
