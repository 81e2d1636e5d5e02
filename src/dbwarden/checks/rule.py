"""What a rule is, what it sees and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

from dbwarden.core.claim import Claim
from dbwarden.core.ddl.running import RunningSchema
from dbwarden.core.ddl.statements import (
    Action,
    AddColumn,
    ChangeType,
    ColumnText,
    CopyRows,
    CreateTable,
    Key,
    RenameTable,
    Statement,
    key,
)
from dbwarden.core.dialect import Dialect, Size
from dbwarden.core.file import Kind
from dbwarden.core.statement import Facts
from dbwarden.core.types import Ref, parse_type
from dbwarden.core.widening import Fate

_FEW_ROWS = 10_000
_FEW_BYTES = 8 * 1024 * 1024
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


class Severity(IntEnum):
    """How bad it is, mildest first. CRITICAL: data or a running system is lost."""

    SAFE = 0
    INFO = 1
    WARN = 2
    CRITICAL = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule found: what it is, and what to do. ``rule`` and ``file`` are filled in by ``run``."""

    severity: Severity
    what: str
    advice: str
    line: int = 0
    """In the file; 0 where there is none."""
    rule: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """A statement, or one of the several clauses of an ALTER TABLE as a statement of its own."""

    facts: Facts
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A statement with what is known of it."""

    sql: str
    line: int
    statement: Statement
    facts: Facts
    clauses: tuple[Clause, ...]
    existing: tuple[Ref, ...] = ()
    """The tables it works on that were there before the file."""
    ignores: frozenset[str] = frozenset()
    """Rules that a comment before the statement puts aside."""

    @property
    def actions(self) -> Iterator[Action]:
        return (action for clause in self.clauses for action in clause.actions)

    @property
    def shown(self) -> str:
        """The statement's beginning on one line."""
        text = " ".join(self.sql.split())
        return text if len(text) <= 60 else text[:57] + "..."


@dataclass(frozen=True, slots=True)
class Ignore:
    """A comment that puts a rule aside, as it is written."""

    rule: str
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside the files. ``sizes`` is ``None`` without a database."""

    lock_timeout: float | None = None
    sizes: Mapping[Ref, Size] | None = None


@dataclass(frozen=True)
class Context:
    """One file, or the statements that would lead from the database to the models."""

    name: str
    dialect: Dialect
    upgrade: tuple[Judged, ...]
    rollback: tuple[Judged, ...] = ()
    kind: Kind = Kind.VERSIONED
    irreversible: str | None = None
    transaction: bool = True
    before: RunningSchema = field(default_factory=RunningSchema)
    """What there is before the file runs."""
    after: RunningSchema = field(default_factory=RunningSchema)
    differences: tuple[str, ...] = ()
    """Where models and database differ, in words; then the statements are of no file."""
    ignores: tuple[Ignore, ...] = ()
    claim: Claim = Claim.NONE
    """What the header says is proven, and whether it is."""
    claim_line: int = 1
    surroundings: Surroundings = field(default_factory=Surroundings)

    # -- what rules iterate over

    def clauses(self) -> Iterator[tuple[Judged, Clause]]:
        """Every clause of the upgrade with its statement."""
        return ((judged, clause) for judged in self.upgrade for clause in judged.clauses)

    def on_existing(self) -> Iterator[tuple[Judged, Clause, Action]]:
        """Every action on a table that was there before the file."""
        for judged, clause in self.clauses():
            for action in clause.actions:
                if any(key(table) == key(action.table) for table in judged.existing):
                    yield judged, clause, action

    @cached_property
    def rebuilt(self) -> Mapping[Key, CopyRows]:
        """Tables that are copied into a new one which then takes their name: nothing is dropped with them."""
        copies: dict[Key, list[CopyRows]] = {}
        for judged in self.upgrade:
            for action in judged.actions:
                if isinstance(action, CopyRows):
                    copies.setdefault(key(action.source), []).append(action)
        renames = [action for judged in self.upgrade for action in judged.actions if isinstance(action, RenameTable)]
        return {
            key(rename.new): copy
            for rename in renames
            for copy in copies.get(key(rename.new), ())
            if key(copy.table) == key(rename.table)
        }

    def successors(self) -> Iterator[tuple[Judged, CopyRows, CreateTable]]:
        """The copy of each rebuilt table, with the definition that it gets."""
        made: dict[Key, CreateTable] = {}
        for judged in self.upgrade:
            for action in judged.actions:
                if isinstance(action, CreateTable):
                    made[key(action.table)] = action
                if isinstance(action, CopyRows) and action in self.rebuilt.values() and key(action.table) in made:
                    yield judged, action, made[key(action.table)]

    @cached_property
    def added(self) -> frozenset[tuple[Key, str]]:
        """Columns that the file itself adds."""
        found = (action for judged in self.upgrade for action in judged.actions if isinstance(action, AddColumn))
        return frozenset((key(action.table), action.column.name.casefold()) for action in found)

    def former(self, table: Ref, name: str) -> ColumnText | None:
        """A column as it was before the file: from the database or earlier files, else as the rollback makes it."""
        known = self.before.column(table, name)
        if known is not None and (known.type or known.generated):
            return known
        for judged in self.rollback:
            for action in judged.actions:
                if key(action.table) != key(table):
                    continue
                if isinstance(action, AddColumn) and action.column.name.casefold() == name.casefold():
                    return action.column
                if isinstance(action, ChangeType) and action.column.casefold() == name.casefold():
                    return ColumnText(name, action.type)
        return known

    # -- how much it matters

    @cached_property
    def _sizes(self) -> Mapping[Key, Size] | None:
        sizes = self.surroundings.sizes
        return None if sizes is None else {key(table): size for table, size in sizes.items()}

    def fate(self, before: str, after: str) -> Fate:
        """What becomes of a column's values when its type changes."""
        return self.dialect.fate(parse_type(before), parse_type(after))

    def size(self, table: Ref) -> Size | None:
        """How big a table is; a table that the database has not is empty. ``None`` without a database."""
        return None if self._sizes is None else self._sizes.get(key(table), Size(0, 0))

    def weighed(self, severity: Severity, table: Ref, *, small: bool = True) -> Severity:
        """``severity`` on this very table: nothing is lost or blocked where there are no rows.

        With ``small``, a warning about a table of few rows is only to know.
        """
        size = self.size(table)
        if size is None:
            return severity
        if size.rows == 0:
            return min(severity, Severity.INFO)
        few = size.rows <= _FEW_ROWS and size.bytes <= _FEW_BYTES
        return Severity.INFO if small and few and severity is Severity.WARN else severity

    def sized(self, table: Ref) -> str:
        """``table users (about 1,200,000 rows, 340 MB)``, as far as it is known."""
        name = f"{table.schema}.{table.name}" if table.schema else table.name
        size = self.size(table)
        if size is None:
            return name
        if not size.rows:
            return f"{name} (empty)"
        rows = "1 row" if size.rows == 1 else f"about {size.rows:,} rows"
        return f"{name} ({rows}, {_bytes(size.bytes)})" if size.bytes else f"{name} ({rows})"


def _bytes(number: int) -> str:
    amount, unit = float(number), 0
    while amount >= 1024 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{amount:.0f} {_UNITS[unit]}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``documentation`` is its page: the docstring of its module."""

    slug: str
    documentation: str
    judge: Callable[[Context], Iterator[Finding]]
    files_only: bool = False
    """Asks about a file as a whole, which the difference between models and database is not."""

    @property
    def title(self) -> str:
        """The first line of the page."""
        return self.documentation.strip().partition("\n")[0]
