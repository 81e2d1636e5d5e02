"""Rules, their context and their findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property

from dbwarden.core.ddl.origins import Origins, Succession, successions
from dbwarden.core.ddl.simulated_schema import SimulatedSchema
from dbwarden.core.ddl.statements import (
    Action,
    AddColumn,
    ChangeType,
    ColumnText,
    CreateTable,
    Key,
    RenameColumn,
    RenameTable,
    Statement,
    key,
)
from dbwarden.core.dialect import Dialect, Size
from dbwarden.core.filename import Kind
from dbwarden.core.model import Definition
from dbwarden.core.proof_claim import ProofStatus
from dbwarden.core.statement import Blocks, Facts
from dbwarden.core.type_table import TypeChange
from dbwarden.core.types import Ref

_EMPTY = Size(0, 0)
COUNTED = 100_000
"""Number of rows at which counting ends; messages then say "more than"."""
_FEW_ROWS = 10_000
_FEW_BYTES = 8 * 1024 * 1024
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


class Severity(IntEnum):
    """Severity of a finding, mildest first. CRITICAL: data is lost, or the migration cannot work."""

    SAFE = 0
    INFO = 1
    WARN = 2
    CRITICAL = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding of a rule: the problem and the advice. ``run`` sets ``rule`` and ``file``."""

    severity: Severity
    message: str
    advice: str
    line: int = 0
    """Line in the file; 0 if there is none."""
    rule: str = ""
    file: str = ""
    loses: Ref | None = None
    """Table in the database that loses its rows, or column that loses its values."""
    unsure: bool = False
    """Whether the schema of the database, which the rule did not have, may make it worse."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A statement, or one of several clauses of an ALTER TABLE as a statement of its own."""

    facts: Facts
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class AnalyzedStatement:
    """A statement of a file, parsed, with its facts."""

    sql: str
    line: int
    statement: Statement
    facts: Facts
    clauses: tuple[Clause, ...]
    existing: tuple[Ref, ...] = ()
    """Tables of the statement that existed before the file."""
    sources: tuple[Ref, ...] = ()
    """Tables that existed before the file, of which the statement copies rows into another one."""
    ignores: frozenset[str] = frozenset()
    """Rules that a comment before the statement ignores."""

    @property
    def actions(self) -> Iterator[Action]:
        return (action for clause in self.clauses for action in clause.actions)

    def former_name(self, column: str) -> str:
        """Name of a column before this statement, which may rename it as well (``CHANGE``)."""
        renames = (action for action in self.actions if isinstance(action, RenameColumn))
        return next((rename.old for rename in renames if rename.new == column), column)

    @property
    def excerpt(self) -> str:
        """Beginning of the statement on one line."""
        text = " ".join(self.sql.split())
        return text if len(text) <= 60 else text[:57] + "..."


@dataclass(frozen=True, slots=True)
class Ignore:
    """A comment that ignores a rule."""

    rule: str
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class Environment:
    """What rules know apart from the files. ``sizes`` is ``None`` without a database."""

    lock_timeout: float | None = None
    sizes: Mapping[Ref, Size] | None = None
    losses: Mapping[Ref, int] = field(default_factory=dict)
    """Counts, up to ``COUNTED``, of the rows of a table, or of the values in a column."""
    texts: tuple[Definition, ...] = ()
    """Definitions of the database whose text keeps an old name (``Features.keeps_old_names``)."""


@dataclass(frozen=True)
class Context:
    """What a rule judges: one file, or the statements that would lead from the database to the models."""

    name: str
    dialect: Dialect
    upgrade: tuple[AnalyzedStatement, ...]
    rollback: tuple[AnalyzedStatement, ...] = ()
    kind: Kind = Kind.VERSIONED
    irreversible: str | None = None
    transaction: bool = True
    before: SimulatedSchema = field(default_factory=SimulatedSchema)
    """Schema before the file runs."""
    after: SimulatedSchema = field(default_factory=SimulatedSchema)
    differences: tuple[str, ...] = ()
    """Differences between models and database as text; if there are any, the statements are not from a file."""
    ignores: tuple[Ignore, ...] = ()
    claim: ProofStatus = ProofStatus.NONE
    """Status of the header's proof."""
    claim_line: int = 1
    environment: Environment = field(default_factory=Environment)
    database_names: Origins = field(default_factory=Origins)
    """Present names in the database of the tables and columns that exist before the file."""
    runner: str | None = None
    """Name of the program that runs the statements of both sections."""
    names: Mapping[Key, tuple[Ref, ...]] = field(default_factory=dict)
    """Present names in the database of the file's tables, which pending files may rename or move."""

    # -- statements and columns

    def clauses(self) -> Iterator[tuple[AnalyzedStatement, Clause]]:
        """Clauses of the upgrade, each with its statement."""
        return ((analyzed, clause) for analyzed in self.upgrade for clause in analyzed.clauses)

    def on_existing(self) -> Iterator[tuple[AnalyzedStatement, Clause, Action]]:
        """Actions of the upgrade on tables that existed before the file."""
        for analyzed, clause in self.clauses():
            for action in clause.actions:
                if any(key(table) == key(action.table) for table in analyzed.existing):
                    yield analyzed, clause, action

    @cached_property
    def successions(self) -> Sequence[Succession]:
        """Tables that the file replaces by a copy, as a rebuild does."""
        statements = [analyzed.statement for analyzed in self.upgrade]
        return successions(statements, self.dialect.features.caseless_names)

    def origins(self) -> Origins:
        """Origins of names at the beginning of the file, for a rule to update statement by statement."""
        return Origins(self.dialect.features.caseless_names)

    def former_columns(self, table: Ref) -> Mapping[str, ColumnText] | None:
        """Columns of a table before the file, by name in lower case; ``None`` if they are unknown.

        They come from the database or earlier files, else from the file's rollback.
        """
        known = self.before.columns.get(key(table))
        if known:
            return known
        columns = self._columns_after_rollback(table)
        return {column.name.casefold(): column for column in columns} if columns else None

    def _columns_after_rollback(self, table: Ref) -> list[ColumnText]:
        """Columns of a table that the rollback creates again, after its renames; empty if it does not."""
        columns: dict[Key, list[ColumnText]] = {}
        for action in (action for analyzed in self.rollback for action in analyzed.actions):
            match action:
                case CreateTable():
                    columns[key(action.table)] = list(action.columns)
                case RenameTable():
                    columns[key(action.new)] = columns.pop(key(action.table), [])
                case RenameColumn(_, old, new):
                    columns[key(action.table)] = [
                        replace(column, name=new) if column.name.casefold() == old.casefold() else column
                        for column in columns.get(key(action.table), ())
                    ]
        return columns.get(key(table), [])

    def former_column(self, table: Ref, name: str) -> ColumnText | None:
        """A column before the file, from the database or earlier files, else from the file's rollback."""
        known = self.before.column(table, name)
        if known is not None and (known.type or known.generated):
            return known
        for analyzed in self.rollback:
            for action in analyzed.actions:
                if key(action.table) != key(table):
                    continue
                if isinstance(action, AddColumn) and action.column.name.casefold() == name.casefold():
                    return action.column
                if isinstance(action, ChangeType) and action.column.casefold() == name.casefold():
                    return action.definition or ColumnText(name, action.type)
        return known

    def column_before(self, analyzed: AnalyzedStatement, table: Ref, name: str) -> ColumnText | None:
        """A column before a statement that changes it: as it was before the file, else as the file adds it."""
        known = self.former_column(table, analyzed.former_name(name))
        added = (action for statement in self.upgrade for action in statement.actions if isinstance(action, AddColumn))
        return known or next(
            (
                action.column
                for action in added
                if key(action.table) == key(table) and action.column.name.casefold() == name.casefold()
            ),
            None,
        )

    # -- sizes and severity

    @cached_property
    def _sizes(self) -> Mapping[Key, Size] | None:
        sizes = self.environment.sizes
        return None if sizes is None else {key(table): size for table, size in sizes.items()}

    def type_change(self, before: str, after: str) -> TypeChange:
        """Effect of a change of type on a column's values."""
        return self.dialect.type_change(self.dialect.parse_type(before), self.dialect.parse_type(after))

    def is_free(self, analyzed: AnalyzedStatement, change: ChangeType, table: Ref) -> bool:
        """Whether a new type leaves the stored rows of ``table`` as they are."""
        before = self.former_column(table, analyzed.former_name(change.column))
        if before is None or not before.type:
            return False
        return self.type_change(before.type, change.type) in (TypeChange.SAME, TypeChange.FREE)

    def size(self, table: Ref) -> Size | None:
        """Size of a table; ``None`` without a database. A table that is not in the database is empty.

        A table that pending files rename has the size of the original; of several originals, the largest counts.
        """
        if self._sizes is None:
            return None
        origins = self.names.get(key(table), (table,))
        return max((self._sizes.get(key(origin), _EMPTY) for origin in origins), default=_EMPTY)

    def tables_in(self, schema: str) -> tuple[Ref, ...] | None:
        """Tables of a namespace of the database; ``None`` without a database."""
        sizes = self.environment.sizes
        return None if sizes is None else tuple(table for table in sizes if table.schema == schema)

    def holds_rows(self) -> bool:
        """Whether any table of the database may have rows."""
        return self._sizes is None or any(size.rows for size in self._sizes.values())

    def adjust_severity(self, severity: Severity, table: Ref, *, small: bool = True) -> Severity:
        """``severity`` adapted to the table: at most INFO for an empty one, where nothing is lost or blocked.

        With ``small``, a warning about a table with few rows is INFO too.
        """
        size = self.size(table)
        if size is None:
            return severity
        if size.rows == 0:
            return min(severity, Severity.INFO)
        few = size.rows <= _FEW_ROWS and size.bytes <= _FEW_BYTES
        return Severity.INFO if small and few and severity is Severity.WARN else severity

    def table_with_size(self, table: Ref) -> str:
        """Name of a table with its size, if known: ``users (about 1,200,000 rows, 340 MB)``."""
        name = f"{table.schema}.{table.name}" if table.schema else table.name
        size = self.size(table)
        if size is None:
            return name
        if not size.rows:
            return f"{name} (empty)"
        rows = "1 row" if size.rows == 1 else f"{'' if size.exact else 'about '}{size.rows:,} rows"
        return f"{name} ({rows}, {_bytes(size.bytes)})" if size.bytes else f"{name} ({rows})"


def waiting(blocks: Blocks) -> str:
    """Who waits while a statement works, in words: ``while nobody can use it``."""
    return "while nobody can write to it" if blocks is Blocks.WRITERS else "while nobody can use it"


def _bytes(number: int) -> str:
    amount, unit = float(number), 0
    while amount >= 1024 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{amount:.0f} {_UNITS[unit]}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. ``documentation`` is the docstring of its module, which is also its page."""

    slug: str
    documentation: str
    check: Callable[[Context], Iterator[Finding]]
    files_only: bool = False
    """Whether it applies only to files, not to the difference between models and database."""

    @property
    def title(self) -> str:
        """First line of the page."""
        return self.documentation.strip().partition("\n")[0]
