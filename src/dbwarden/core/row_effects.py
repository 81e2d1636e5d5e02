"""Describes the effects of changes on existing rows: data that is lost, rows that block a change, conversions that depend
on the session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .change import Add, Alter, Change, Drop, Rename, after_renames
from .dialect import SchemaDialect
from .diff import diff
from .model import Column, CompositeType, Domain, Partition, Schema, Sequence, Table
from .partitions import as_table, partition_named
from .sequence_values import changes_direction, narrowed_bound
from .serials import has_owner
from .types import Ref


def lost_data(before: Schema, after: Schema, dialect: SchemaDialect, renames: Iterable[Rename] = ()) -> tuple[str, ...]:
    """Data that the changes lose, by its names in ``before`` and, unless it is dropped, with a reason.

    ``users.phone``, ``invoices``, ``sequence numbers``, ``prices.amount (numeric(10,2) becomes integer)``.
    """
    return tuple(str(part) for part in lost_parts(before, after, dialect, renames))


@dataclass(frozen=True, slots=True)
class LostPart:
    """One item of ``lost_data``: its kind, its name with the reason, and the table of the rows. ``rows of`` is the kind of a table
    that stays, and loses some of its rows."""

    kind: str
    name: str
    table: Ref | None = None

    def __str__(self) -> str:
        return f"sequence {self.name}" if self.kind == "sequence" else self.name


def lost_parts(
    before: Schema, after: Schema, dialect: SchemaDialect, renames: Iterable[Rename] = ()
) -> tuple[LostPart, ...]:
    """The items of ``lost_data``."""
    renames = tuple(renames)
    loss = _Loss(before, after, dialect, renames)
    return tuple(loss.named(changes_of_rows(diff(before, after, renames), (before, after), dialect)))


def changes_of_rows(
    changes: Iterable[Change], schemas: tuple[Schema, Schema], dialect: SchemaDialect
) -> Iterator[Change]:
    """The changes, without those of tables whose rows are on another server."""
    for change in changes:
        ref = getattr(change, "on", None) or change.ref
        tables = [schema.get(ref) for schema in reversed(schemas)]
        table = next((item for item in tables if isinstance(item, Table)), None)
        if table is None or dialect.holds_rows(table):
            yield change


def refused_by_rows(
    before: Schema, after: Schema, dialect: SchemaDialect, renames: Iterable[Rename] = ()
) -> tuple[str, ...]:
    """New NOT NULL columns that cannot be added to a table with rows, because they have no value: ``users.phone``."""
    changes = changes_of_rows(diff(before, after, tuple(renames)), (before, after), dialect)
    added = columns_without_value(changes, after, dialect)
    return tuple(f"{_path(change.on)}.{change.ref.name}" for change in added if change.on is not None)


def columns_without_value(changes: Iterable[Change], after: Schema, dialect: SchemaDialect) -> Iterator[Add]:
    """New NOT NULL columns without a value for existing rows."""
    if dialect.features.zero_values:
        return
    for change in changes:
        match change:
            case Add(object=Column() as column, on=Ref() as table) if _has_no_value(column):
                if dialect.autoincrement_column(table, after) != column.name:
                    yield change


@dataclass(frozen=True, slots=True)
class SessionReport:
    """Columns whose conversion depends on settings, by their names in ``before``."""

    assumed: dict[str, list[str]]
    """Columns by the time zone that the conversion assumes: ``{"UTC": ["events.at"]}``."""
    dependent: tuple[str, ...]
    """Columns with the session settings that decide: ``prices.amount (lc_monetary)``."""


def session_dependent_columns(
    before: Schema, after: Schema, dialect: SchemaDialect, renames: Iterable[Rename] = ()
) -> SessionReport:
    """Columns whose conversion, in upgrade or rollback, depends on a time zone or another setting."""
    renames = tuple(renames)
    names = _Loss(before, after, dialect, renames)
    assumed: dict[str, list[str]] = {}
    dependent = []
    changes = changes_of_rows(diff(before, after, renames), (before, after), dialect)
    for table, column, column_after in names.conversions(changes):
        old, new = before.base_type(column.type), after.base_type(column_after.type)
        zone = dialect.assumed_zone(old, new) or dialect.assumed_zone(new, old)
        settings = (*dialect.session_settings(old, new), *dialect.session_settings(new, old))
        name = names.column(table, column)
        if zone:
            assumed.setdefault(zone, []).append(name)
        elif settings:
            dependent.append(f"{name} ({' and '.join(dict.fromkeys(settings))})")
    return SessionReport(assumed, tuple(dependent))


def _restarts(sequence: Sequence, before: Sequence) -> bool:
    """Whether the next number changes: the sequence counts in the other direction, or from a bound."""
    options, former = sequence.options, before.options
    return changes_direction(options, former) or narrowed_bound(options, former) is not None


def _is_divided(partition: Partition) -> bool:
    """Whether its rows are in partitions of its own."""
    return partition.options.get("partition_by") is not None


def _has_no_value(column: Column) -> bool:
    implied = column.default or column.identity or column.computed
    return not column.nullable and implied is None


@dataclass(frozen=True, slots=True)
class _Loss:
    """Names the values and rows that changes lose."""

    before: Schema
    after: Schema
    dialect: SchemaDialect
    renames: tuple[Rename, ...]

    def named(self, changes: Iterable[Change]) -> Iterator[LostPart]:
        for change in changes:
            match change:
                case Drop(object=Table() as table) if partition_named(self.after, table.ref):
                    continue  # it is attached, with its rows
                case Drop(object=Partition() as partition) if as_table(partition.ref) in self.after:
                    continue  # it is detached
                case Drop(object=Table() as table):
                    ref = self._former(table.ref)
                    yield LostPart("table", _path(ref), ref)
                case Drop(object=Partition() as partition, on=Ref() as table_ref) if not _is_divided(partition):
                    yield LostPart("partition", _path(partition.ref), self._former(table_ref))
                case Alter(before=CompositeType() as old_type, after=CompositeType() as new_type):
                    left = {item.name for item in new_type.attributes}
                    for name in (item.name for item in old_type.attributes if item.name not in left):
                        yield LostPart("attribute", f"{_path(self._former(old_type.ref))}.{name}")
                case Drop(object=Sequence() as sequence) if sequence.owned_by is None or has_owner(
                    sequence, self.after
                ):
                    yield LostPart("sequence", _path(self._former(sequence.ref)))
                case Alter(before=Sequence() as sequence, after=Sequence() as after) if _restarts(after, sequence):
                    yield LostPart("sequence", _path(self._former(sequence.ref)))
                case Alter(before=Table() as table, after=Table() as table_after):
                    if reason := self.dialect.lost_by_options(table, table_after):
                        ref = self._former(table.ref)
                        yield LostPart("rows of", f"{_path(ref)} ({reason})", ref)
                case Drop(object=Column(computed=None) as column, on=Ref() as table_ref):
                    yield LostPart("column", self.column(table_ref, column), self._former(table_ref))
                case _:
                    for table_ref, old, new in self.conversions([change]):
                        reason = self._reason(table_ref, old, new)
                        if reason:
                            name = f"{self.column(table_ref, old)} ({reason})"
                            yield LostPart("column", name, self._former(table_ref))

    def conversions(self, changes: Iterable[Change]) -> Iterator[tuple[Ref, Column, Column]]:
        """The changed columns, and those of a domain whose base type changes, each with its table's new name."""
        for change in changes:
            match change:
                case Alter(before=Column(computed=None) as old, after=Column() as new, on=Ref() as table):
                    yield table, old, new
                case Alter(before=Domain() as domain):
                    yield from self._of_domain(domain.ref)

    def _of_domain(self, domain: Ref) -> Iterator[tuple[Ref, Column, Column]]:
        for table in after_renames(self.before, self.renames).tables():
            table_after = self.after.get(table.ref)
            for column in table.columns.values() if isinstance(table_after, Table) else ():
                column_after = table_after.columns.get(column.name) if isinstance(table_after, Table) else None
                if column_after is not None and column.type.ref == column_after.type.ref == domain:
                    yield table.ref, column, column_after

    def _reason(self, table: Ref, old: Column, new: Column) -> str | None:
        if new.computed is not None:
            return "becomes computed"
        existing, wanted = self.before.base_type(old.type), self.after.base_type(new.type)
        if self.dialect.type_change(existing, wanted).is_lossy:
            return f"{existing} becomes {wanted}"
        if reason := self.dialect.lost_by_options(old, new):
            return reason
        features = self.dialect.features
        if features.fills_nulls and old.nullable and not new.nullable and (new.default or features.zero_values):
            return "NULL becomes the default"
        if self.dialect.features.numbers_rows and old.identity is None and new.identity is not None:
            return "NULL and 0 become numbers" if old.nullable else "0 becomes a number"
        if (
            old.nullable
            and self.dialect.autoincrement_column(table, self.after) == new.name
            and not self._was_numbered(table, old)
        ):
            return "NULL becomes a number"
        return None

    def _was_numbered(self, table: Ref, column: Column) -> bool:
        former = self._former(Ref("column", column.name, table.schema, table.name))
        return self.dialect.autoincrement_column(self._former(table), self.before) == former.name

    def column(self, table: Ref, column: Column) -> str:
        former = self._former(Ref("column", column.name, table.schema, table.name))
        return f"{_path(Ref('table', former.table or '', former.schema))}.{former.name}"

    def _former(self, ref: Ref) -> Ref:
        """The reference before all renames."""
        for rename in reversed(self.renames):
            if ref == rename.new:
                ref = rename.old
            elif rename.new.kind == "table" and (ref.schema, ref.table) == (rename.new.schema, rename.new.name):
                ref = ref._replace(schema=rename.old.schema, table=rename.old.name)
        return ref


def _path(ref: Ref) -> str:
    return f"{ref.schema}.{ref.name}" if ref.schema else ref.name
