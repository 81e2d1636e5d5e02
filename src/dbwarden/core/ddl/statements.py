"""SQL statements as values, for standard SQL and common dialects. Rules, facts and the simulated schema match their classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, TypeAlias

from dbwarden.core.types import Ref


class AllowedValues(NamedTuple):
    """The values that a check allows in a column: ``column IN ('a', 'b')``."""

    column: str
    values: tuple[str, ...]


class SelectItem(NamedTuple):
    """An item of a SELECT list: the column and its ``label``; ``column`` is empty for an expression."""

    column: str
    label: str
    converted: bool = False
    """Whether ``coalesce`` or ``CAST`` may change the column's value."""


@dataclass(frozen=True)
class ColumnText:
    """The definition of a column; ``type`` is its text, empty if there is none."""

    name: str
    type: str = ""
    not_null: bool = False
    default: str | None = None
    generated: bool = False
    """Whether the database computes or numbers it."""
    stored: bool = False
    """Whether each row stores its value: numbered, or computed and stored."""
    primary: bool = False
    unique: bool = False
    references: Ref | None = None
    allowed: tuple[str, ...] = ()
    """The only allowed values, if the type or a check lists them."""
    checked: bool = False
    """Whether it has a check of its own."""
    position: str = ""
    """``FIRST`` or ``AFTER`` if the text names the column's place (MySQL)."""
    checks: tuple[str, ...] = field(default=(), compare=False)
    """The expressions of its checks, as written."""
    ref_columns: tuple[str, ...] = field(default=(), compare=False)
    """Columns of ``references``; empty if the text leaves them to the primary key."""
    after: str = ""
    """Name of the column behind ``AFTER``."""


@dataclass(frozen=True)
class Constraint:
    """A table constraint. ``kind``: primary key, unique, foreign key, check, exclude or index; ``text``: all of it in upper
    case."""

    kind: str
    name: str | None = None
    columns: tuple[str, ...] = ()
    references: Ref | None = None
    not_valid: bool = False
    using_index: str | None = None
    text: str = ""
    allowed: AllowedValues | None = None
    keys: tuple[str, ...] = field(default=(), compare=False)
    """Columns, as in ``CreateIndex.keys``."""
    expression: str = field(default="", compare=False)
    """Expression of a check, as written."""
    ref_columns: tuple[str, ...] = field(default=(), compare=False)
    """Columns of ``references``; empty if the text leaves them to the primary key."""


Key: TypeAlias = tuple[str, str]
"""Schema and name of a table in one letter case."""


def key(table: Ref) -> Key:
    """Key that is equal for all spellings of one table."""
    return (table.schema or "").casefold(), table.name.casefold()


Elements: TypeAlias = tuple[tuple[ColumnText, ...], tuple[Constraint, ...]]
"""Columns and constraints in the parentheses of CREATE TABLE."""


@dataclass(frozen=True)
class Statement:
    """One SQL statement."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """The single changes to tables and types; empty for statements that are not DDL."""
        return ()

    @property
    def creates(self) -> tuple[Ref, ...]:
        """The objects that the statement creates."""
        return ()

    @property
    def drops(self) -> tuple[Ref, ...]:
        """The objects that the statement drops."""
        return ()

    @property
    def renamed(self) -> tuple[tuple[Ref, Ref], ...]:
        """Tables and types that the statement renames, as old and new name."""
        return tuple(
            (action.table, action.new) for action in self.actions if isinstance(action, RenameTable | RenameType)
        )

    @property
    def parts(self) -> Iterator[Statement]:
        """The statements that run with this one, such as those inside WITH and EXPLAIN ANALYZE."""
        yield self


@dataclass(frozen=True)
class Unknown(Statement):
    """A statement that the parser does not know; ``words`` are the first ones in upper case."""

    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Utility(Statement):
    """A statement of which only the leading words, in upper case, matter: ``COMMENT ON TABLE``, ``ANALYZE``."""

    words: tuple[str, ...]


# -- changes to one table or type ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Action(Statement):
    """One change to ``table``, or to an enumeration type."""

    table: Ref

    @property
    def actions(self) -> tuple[Action, ...]:
        return (self,)


@dataclass(frozen=True)
class CreateTable(Action):
    """CREATE TABLE, with its columns and constraints, or with its query."""

    definition: Callable[[], Elements] = field(default=lambda: ((), ()), compare=False, repr=False)
    """Parses the columns and constraints on demand."""
    if_not_exists: bool = False
    module: str | None = None
    """Module of a virtual table (SQLite)."""
    query: Statement | None = None
    """Query of CREATE TABLE ... AS and SELECT ... INTO."""
    source: Callable[[], CopyRows | None] = field(default=lambda: None, compare=False, repr=False)
    """Determines on demand which rows the query of CREATE TABLE ... AS copies."""
    replaces: bool = False
    """Whether OR REPLACE drops a table of this name first (MariaDB, ClickHouse)."""
    temporary: bool = False
    """Whether only this session sees the table."""
    options: Callable[[], Mapping[str, str]] = field(default=dict, compare=False, repr=False)
    """Parses, on demand, the clauses after the columns (``ENGINE``, ``ORDER BY``), by first words."""
    partition_of: Ref | None = None
    """The table of which it is a partition."""

    @property
    def creates(self) -> tuple[Ref, ...]:
        return (self.table,)

    @cached_property
    def _elements(self) -> Elements:
        return self.definition()

    @property
    def columns(self) -> tuple[ColumnText, ...]:
        return self._elements[0]

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        return self._elements[1]

    @property
    def parts(self) -> Iterator[Statement]:
        yield self
        if self.query is not None:
            yield from self.query.parts


@dataclass(frozen=True)
class DropTable(Action):
    """DROP TABLE with one table or several."""

    others: tuple[Ref, ...] = ()
    """The other tables of a list."""
    if_exists: bool = False
    temporary: bool = False
    """Whether the text says TEMPORARY (MySQL)."""

    @property
    def tables(self) -> tuple[Ref, ...]:
        return (self.table, *self.others)

    @property
    def drops(self) -> tuple[Ref, ...]:
        return self.tables

    @property
    def actions(self) -> tuple[Action, ...]:
        return tuple(DropTable(table, (), self.if_exists, self.temporary) for table in self.tables)


@dataclass(frozen=True)
class RenameTable(Action):
    """Rename of a table, or its move to another schema."""

    new: Ref
    """New name, or new schema."""


@dataclass(frozen=True)
class RenameTables(Statement):
    """RENAME TABLE with a list of tables (MySQL, ClickHouse)."""

    renames: tuple[RenameTable, ...]

    @property
    def actions(self) -> tuple[Action, ...]:
        return self.renames

    @property
    def renamed(self) -> tuple[tuple[Ref, Ref], ...]:
        """None if two tables exchange their names: what is known of each name stays true of it."""
        return () if self.exchanges else super().renamed

    @property
    def exchanges(self) -> bool:
        """Whether two tables get each other's names (ClickHouse)."""
        return len(self.renames) == 2 and self.renames[0] == RenameTable(self.renames[1].new, self.renames[1].table)


@dataclass(frozen=True)
class AddColumn(Action):
    """ADD COLUMN."""

    column: ColumnText
    if_not_exists: bool = False


@dataclass(frozen=True)
class DropColumn(Action):
    """DROP COLUMN."""

    column: str
    if_exists: bool = False


@dataclass(frozen=True)
class RenameColumn(Action):
    """RENAME COLUMN."""

    old: str
    new: str


@dataclass(frozen=True)
class ChangeType(Action):
    """New type of a column; ``using`` is the expression that converts its values (PostgreSQL)."""

    column: str
    type: str
    using: str | None = None
    definition: ColumnText | None = None
    """The complete new definition (MySQL: MODIFY, CHANGE)."""


@dataclass(frozen=True)
class SetNotNull(Action):
    """SET NOT NULL of a column."""

    column: str


@dataclass(frozen=True)
class DropNotNull(Action):
    """DROP NOT NULL of a column."""

    column: str


@dataclass(frozen=True)
class AlterColumn(Action):
    """Another change of a column: the ``words`` after its name, ``SET STATISTICS``, ``DROP DEFAULT``."""

    column: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class AddConstraint(Action):
    """ADD CONSTRAINT, named or not."""

    constraint: Constraint


@dataclass(frozen=True)
class DropConstraint(Action):
    """Drop of a constraint; ``kind`` is index, primary key, foreign key or check if the clause says so (MySQL)."""

    name: str
    if_exists: bool = False
    kind: str = "constraint"


@dataclass(frozen=True)
class RenameConstraint(Action):
    """Rename of a constraint or, with ``kind`` index, of an index of the table (MySQL)."""

    name: str
    new: str
    kind: str = "constraint"


@dataclass(frozen=True)
class ValidateConstraint(Action):
    """VALIDATE CONSTRAINT of one added as NOT VALID."""

    name: str


@dataclass(frozen=True)
class DetachPartition(Action):
    """DETACH PARTITION."""

    partition: Ref
    concurrently: bool = False


@dataclass(frozen=True)
class OtherClause(Action):
    """Another clause of ALTER TABLE: its leading words in upper case."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class CreateEnum(Action):
    """CREATE TYPE ... AS ENUM, with its values in order."""

    values: tuple[str, ...] = ()

    @property
    def creates(self) -> tuple[Ref, ...]:
        return (self.table,)


@dataclass(frozen=True)
class AddEnumValue(Action):
    """ALTER TYPE ... ADD VALUE."""

    value: str
    if_not_exists: bool = False


@dataclass(frozen=True)
class RenameEnumValue(Action):
    """ALTER TYPE ... RENAME VALUE."""

    value: str
    new: str


@dataclass(frozen=True)
class RenameType(Action):
    """Rename of a type, or its move to another schema."""

    new: Ref


@dataclass(frozen=True)
class CreateIndex(Action):
    """CREATE INDEX."""

    name: str | None = None
    columns: tuple[str, ...] = ()
    """The columns up to the first expression."""
    unique: bool = False
    partial: bool = False
    concurrently: bool = False
    if_not_exists: bool = False
    method: str = ""
    """FULLTEXT or SPATIAL (MySQL)."""
    how: tuple[tuple[str, ...], ...] = ()
    """Clauses on the way it is built, each in upper case: ``("ALGORITHM", "INPLACE")`` (MySQL)."""
    keys: tuple[str, ...] = field(default=(), compare=False)
    """All keys as written, columns and expressions, without their order: ``email``, ``lower(email)``, ``name COLLATE "C"``."""
    where: str = field(default="", compare=False)
    """Predicate of a partial index, as written."""
    nulls_distinct: bool = field(default=True, compare=False)
    """Whether a unique index allows several NULLs (PostgreSQL: not with NULLS NOT DISTINCT)."""
    only: bool = False
    """Whether it is not built on the partitions of the table (PostgreSQL)."""

    @property
    def ref(self) -> Ref | None:
        """The index; ``None`` if the server chooses its name."""
        return Ref("index", self.name, self.table.schema, self.table.name) if self.name else None

    @property
    def creates(self) -> tuple[Ref, ...]:
        return (self.ref,) if self.ref else ()


@dataclass(frozen=True)
class AlterTable(Statement):
    """ALTER TABLE, a clause per change."""

    table: Ref
    clauses: tuple[Action, ...] = ()
    if_exists: bool = False
    mutations: tuple[Statement, ...] = ()
    """Clauses that change rows: UPDATE, DELETE (ClickHouse)."""

    @property
    def parts(self) -> Iterator[Statement]:
        yield self
        yield from self.mutations

    @property
    def actions(self) -> tuple[Action, ...]:
        return self.clauses

    def split_clauses(self) -> tuple[AlterTable, ...]:
        """The same statement with one clause each; ALGORITHM and LOCK, which hold for all of them, stay with each."""
        how = tuple(
            clause
            for clause in self.clauses
            if isinstance(clause, OtherClause) and clause.words[:1] in (("ALGORITHM",), ("LOCK",))
        )
        clauses = [clause for clause in self.clauses if clause not in how]
        return tuple(replace(self, clauses=(clause, *how)) for clause in clauses)


# -- other objects ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CreateObject(Statement):
    """CREATE of another kind of object; ``kind`` as in ``Ref``, or the SQL words in lower case (``role``, ``database``)."""

    kind: str
    ref: Ref | None = None
    table: Ref | None = None
    """Table of a trigger or policy."""
    repeatable: bool = False
    """OR REPLACE or IF NOT EXISTS."""
    words: tuple[str, ...] = ()
    """Words in upper case: those after the kind of an unnamed object, or the language of a function."""
    bodies: tuple[str, ...] = ()
    """The string constants of a function: its body, a library."""

    @property
    def creates(self) -> tuple[Ref, ...]:
        return (self.ref,) if self.ref else ()


@dataclass(frozen=True)
class DropObject(Statement):
    """DROP of another kind of object."""

    kind: str
    refs: tuple[Ref, ...] = ()
    table: Ref | None = None
    if_exists: bool = False
    concurrently: bool = False
    cascade: bool = False
    how: tuple[tuple[str, ...], ...] = ()
    """Clauses on the way an index is dropped, each in upper case: ``("LOCK", "NONE")`` (MySQL)."""

    @property
    def drops(self) -> tuple[Ref, ...]:
        return self.refs


@dataclass(frozen=True)
class AlterObject(Statement):
    """ALTER of another kind of object: the ``words`` after its name, its ``new`` name, its new ``tablespace``."""

    kind: str
    ref: Ref | None = None
    words: tuple[str, ...] = ()
    new: Ref | None = None
    tablespace: str | None = None


# -- rows ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CopyRows(Action):
    """``INSERT INTO table (columns) SELECT ... FROM source``."""

    source: Ref
    columns: tuple[str, ...] = ()
    whole: bool = True
    """Whether all rows are copied: no WHERE, JOIN, LIMIT, OR IGNORE, ..."""
    passed: tuple[SelectItem, ...] = ()
    """Items of the SELECT list, in order."""

    def targets(self) -> Iterator[tuple[str, str]]:
        """Pairs of a target column and the source column whose values it gets."""
        for at, (column, label, _) in enumerate(self.passed):
            if column:
                yield (self.columns[at] if at < len(self.columns) else label), column


@dataclass(frozen=True)
class Insert(Statement):
    """INSERT, REPLACE; ``source`` is the first table of its SELECT."""

    table: Ref
    columns: tuple[str, ...] = ()
    source: Ref | None = None
    whole: bool = False
    """Whether all rows of ``source`` are inserted."""
    passed: tuple[SelectItem, ...] = ()
    """Items of the SELECT list."""
    others: tuple[Statement, ...] = ()
    """The data-modifying statements inside."""

    @property
    def actions(self) -> tuple[Action, ...]:
        if self.source is None:
            return ()
        return (CopyRows(self.table, self.source, self.columns, self.whole, self.passed),)

    @property
    def parts(self) -> Iterator[Statement]:
        yield self
        for statement in self.others:
            yield from statement.parts


@dataclass(frozen=True)
class Update(Statement):
    """UPDATE."""

    table: Ref
    where: bool = False
    """Whether a condition restricts the rows: ``WHERE true`` does not."""
    columns: tuple[str, ...] = ()
    """Columns that are set."""


@dataclass(frozen=True)
class Delete(Statement):
    """DELETE."""

    table: Ref
    where: bool = False


@dataclass(frozen=True)
class Merge(Statement):
    """MERGE; ``where`` is false if one of its branches applies to all rows."""

    table: Ref
    deletes: bool = False
    where: bool = True


@dataclass(frozen=True)
class Truncate(Statement):
    """TRUNCATE of one table or several."""

    tables: tuple[Ref, ...]


@dataclass(frozen=True)
class Copy(Statement):
    """COPY; ``place`` is STDIN, STDOUT, FILE or PROGRAM."""

    table: Ref | None
    into: bool
    place: str
    query: Statement | None = None

    @property
    def parts(self) -> Iterator[Statement]:
        yield self
        if self.query is not None:
            yield from self.query.parts


@dataclass(frozen=True)
class Select(Statement):
    """SELECT, VALUES, TABLE."""


@dataclass(frozen=True)
class With(Statement):
    """WITH: the statements in parentheses and, last, the main one."""

    statements: tuple[Statement, ...]

    @property
    def parts(self) -> Iterator[Statement]:
        for statement in self.statements:
            yield from statement.parts


@dataclass(frozen=True)
class Explain(Statement):
    """EXPLAIN, which runs the statement with ``analyze``."""

    statement: Statement
    analyze: bool = False

    @property
    def parts(self) -> Iterator[Statement]:
        if self.analyze:
            yield from self.statement.parts
        else:
            yield self


@dataclass(frozen=True)
class Prepare(Statement):
    """PREPARE and DECLARE: the statement runs later."""

    statement: Statement

    @property
    def parts(self) -> Iterator[Statement]:
        yield from self.statement.parts


# -- everything else ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grant(Statement):
    """GRANT and REVOKE; ``on`` is the kind of object in upper case, ``None`` for membership in roles."""

    on: str | None
    revoke: bool = False
    begun: tuple[Ref, ...] = ()
    """The privileges of a grantee on an object that begin to differ from what he has by default."""
    ended: tuple[Ref, ...] = ()

    @property
    def creates(self) -> tuple[Ref, ...]:
        return self.begun

    @property
    def drops(self) -> tuple[Ref, ...]:
        return self.ended


@dataclass(frozen=True)
class Do(Statement):
    """A block of procedural code."""

    body: str
    language: str = "plpgsql"


@dataclass(frozen=True)
class Set(Statement):
    """SET and PRAGMA; ``value`` as written, ``None`` if a PRAGMA only reads."""

    name: str
    value: str | None = None
    local: bool = False


@dataclass(frozen=True)
class ControlTransaction(Statement):
    """BEGIN, COMMIT, ROLLBACK, SAVEPOINT, PREPARE TRANSACTION, ..."""


@dataclass(frozen=True)
class Maintain(Statement):
    """VACUUM, ANALYZE, REINDEX, CLUSTER, REFRESH, LOCK, with their ``options``, in parentheses or not."""

    verb: str
    options: frozenset[str] = frozenset()
    target: Ref | None = None
    into: str | None = None
    """The file of VACUUM INTO (SQLite)."""
