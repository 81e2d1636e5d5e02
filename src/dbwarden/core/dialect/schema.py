"""Role of a dialect: types, SQL spelling and DDL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ..options import NO_OPTIONS, Options
from .identity import DialectIdentity

if TYPE_CHECKING:  # what the interfaces only name: a command that connects needs none of it
    from ..change import Change
    from ..column_places import Places
    from ..declared_object import ClauseDeclarations, DeclaredObject
    from ..model import Column, Definition, Member, Object, Partition, Schema, Table
    from ..options import OptionSpec
    from ..type_table import TypeChange, TypeTable
    from ..types import DataType, Ref


class ColumnAttributes(NamedTuple):
    """Properties of a column in the text of its type."""

    collation: str | None = None
    options: Options = NO_OPTIONS
    not_null: bool = False


@dataclass(frozen=True, slots=True)
class Prefs:
    """Choices for the generation of SQL."""

    online: bool = False
    """Whether to change existing tables without blocking writers, if the dialect can: with more statements, some of them
    outside a transaction."""
    fills: Mapping[Ref, str | None] = field(default_factory=dict)
    """Columns that become NOT NULL in a table with rows, and the SQL expression for their values; ``None`` for a
    placeholder in the file."""
    places: Places = field(default_factory=dict)
    """Places of added, altered and dropped columns that are not the last ones, with ``Features.column_places``."""
    repeatables: frozenset[Ref] = frozenset()
    """Objects that repeatable files create (``core.repeatables``)."""


class SchemaDialect(DialectIdentity, Protocol):
    """Types, SQL spelling and DDL of an engine. Pure: needs no connection."""

    @property
    def types(self) -> TypeTable: ...

    @property
    def options(self) -> Mapping[str, tuple[OptionSpec, ...]]:
        """Options by kind of object; ``identity`` and ``column`` count as kinds here."""

    def canonical(self, schema: Schema) -> Schema:
        """``schema`` as the server would report it: type names, defaults, expressions, generated names."""

    def regroup(self, changes: Sequence[Change], before: Schema, after: Schema) -> Sequence[Change]:
        """Ordered changes, joined or split to match the statements that this engine has."""

    def recreated_by(self, change: Change, before: Schema, after: Schema) -> frozenset[Ref]:
        """The columns that ``ddl`` drops and adds again for a change, in either direction, so that their dependents must be
        recreated; empty if the engine keeps the dependents."""

    def replaces(self, before: Definition, after: Definition) -> bool:
        """Whether ``ddl`` alters one definition to the other without dropping it, so that its dependents stay."""

    def repeatable(self, definition: Definition) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Statements that create or replace an object of ``Features.repeatable_definitions``, and those that drop it, whether or
        not it exists; of privileges, those that give them and no others."""

    def ddl(self, change: Change, before: Schema, after: Schema, prefs: Prefs) -> tuple[str, ...]:
        """Statements (no trailing semicolon) for one change between two whole schemas.

        Raises ``Irreversible`` or ``Unsupported`` with a reason. For a rollback the caller passes the inverse change and
        swaps the schemas.
        """

    def refreshes(self, changes: Sequence[Change], before: Schema, after: Schema, prefs: Prefs) -> Iterable[str]:
        """Statements behind all others that read again what is stored of the objects which ``changes`` replace in place."""

    def is_costly_place(self, column: Column, following: Sequence[Column]) -> bool:
        """Whether adding ``column`` before others costs much more than adding it as the last one: a new column then comes
        last, whatever place the models give it."""

    def merge_statements(self, statements: Sequence[str]) -> Sequence[str]:
        """The statements of one direction of a migration, with several merged if the engine runs them faster as one."""

    def from_sqlalchemy(self, type_: Any, sqlalchemy: Any = None) -> tuple[DataType, tuple[Object, ...]]:
        """The column type that SQLAlchemy would emit, and the named types (enums, domains) it needs.

        ``sqlalchemy`` is its dialect with a driver: with some, ``type_descriptor(CHAR(32))`` is a VARCHAR.
        """

    def column_attributes(self, type_: Any, sqlalchemy: Any) -> ColumnAttributes | None:
        """What SQLAlchemy writes behind the name of a type, though it belongs to the column; ``None`` if that can only be a
        collation."""

    def is_nullable(self, column: Any, sqlalchemy: Any) -> bool | None:
        """Whether a column of SQLAlchemy's may be NULL; ``None`` if its attribute ``nullable`` says so."""

    def declared_members(self, table: Any, ref: Ref) -> Iterable[Member]:
        """Constraints and indexes that a table of SQLAlchemy's has beside SQLAlchemy's own (``dbwarden.objects``)."""

    def declared_partitions(self, table: Any, ref: Ref, sqlalchemy: Any) -> tuple[Partition, ...]:
        """Partitions that a table of SQLAlchemy's declares (``dbwarden.objects``). Raises ``ModelReadError``."""

    def declared_objects(self, metadata: Any, sqlalchemy: Any) -> Iterable[Object]:
        """Views, functions and the like that a metadata has beside its tables. Raises ``ModelReadError``."""

    def declared_statement(self, item: Any) -> Definition:
        """The definition of a CREATE statement that stands beside the models. Raises ``ModelReadError``."""

    def declared_by_statement(self, sql: str) -> tuple[DeclaredObject, ...]:
        """What models would write for a statement of a schema file; none if its text is the declaration. Raises
        ``Unsupported``."""

    def declaration(self, item: Object) -> DeclaredObject | None:
        """What models write for an object, from which ``declared_objects`` makes it again; ``None`` if they cannot."""

    def clause_declarations(self) -> ClauseDeclarations | None:
        """How models write tables; ``None`` if SQLAlchemy has a dialect whose keywords do."""

    def configure_sqlalchemy(self, sqlalchemy: Any) -> None:
        """Tell a dialect of SQLAlchemy what it would learn of the server from its first connection."""

    def keywords(self, item: Any, sqlalchemy: Any) -> Mapping[str, Any]:
        """The keywords of a table, column, index or constraint that a dialect of SQLAlchemy applies, without their prefix."""

    def ignored_keywords(self, item: Any, sqlalchemy: Any) -> Iterable[str]:
        """The keywords that it leaves out although they are those of the engine, under another name."""

    def unknown_keywords(self, item: Any, sqlalchemy: Any) -> Iterable[str]:
        """The keywords that SQLAlchemy writes into its DDL though DBWarden knows no such option, and leaves them out."""

    def version_notes(self, schema: Schema) -> Iterable[str]:
        """What ``schema`` needs beyond the version that is assumed while no server is known."""

    def parse_type(self, text: str) -> DataType:
        """The type that a hand-written statement names."""

    def type_change(self, before: DataType, after: DataType) -> TypeChange:
        """Effect of a change of type on a column's values. The caller replaces domains by their base types."""

    def session_settings(self, before: DataType, after: DataType, using: str | None = None) -> tuple[str, ...]:
        """The session settings on which the conversion of a value from one type to another depends; empty if on none.

        ``using`` is the USING expression, if any. The caller replaces domains by their base types.
        """

    @property
    def session_variations(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Statements that make two sessions differ in all settings that conversions may depend on."""

    def assumed_zone(self, before: DataType, after: DataType) -> str | None:
        """The time zone that ``ddl`` writes into conversions between times with and without a zone, so that the session's
        does not decide; ``None`` for other conversions."""

    def lost_by_options(self, before: Table | Column, after: Table | Column) -> str | None:
        """Why rows of a table, or values of a column, are lost by other options, in words; ``None`` if they are not."""

    def holds_rows(self, table: Table) -> bool:
        """Whether the rows of a table are its own; those of a foreign table are on another server, and those of a table over
        others (Distributed of ClickHouse) in other tables, to which a copy would write."""

    def autoincrement_column(self, table: Ref, schema: Schema) -> str | None:
        """The column of ``table`` that the engine numbers although its definition does not say so (SQLite's rowid)."""

    def differs_from_default(self, column: Column) -> str | None:
        """SQL condition for rows in which ``column`` is NULL or differs from its default; ``None`` if the default is not a
        constant.

        Values are compared as text, not by the collation of the column.
        """

    def quote(self, name: str) -> str:
        """An identifier as SQL, quoted only if needed."""

    def type_sql(self, datatype: DataType) -> str:
        """A type as SQL in the definition of a column; empty if the column has no type."""

    def column_sql(self, column: Column) -> str:
        """A column as SQL in CREATE TABLE, without constraints."""
