"""Variant of a migration: the same change for the engine of the dev database.

Both schemas are translated, and the plan between the translations is printed. Renamed enum labels need steps of their own,
since rows have them as text there: drop the checks of the old labels, update the rows, then apply the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from dbwarden import dialects
from dbwarden.core.change import Change, Rename, after_renames
from dbwarden.core.dialect import Dialect, Prefs
from dbwarden.core.model import Check, Definition, Object, Schema, Table, column_ref
from dbwarden.core.plan import Pair, pair, plan
from dbwarden.core.spelling import spell
from dbwarden.core.translation import Loss, Translator
from dbwarden.core.types import DataType, Ref
from dbwarden.models.variants import variant_types

from .filling import with_filled
from .workspace import Workspace

_NOTHING = ("-- Nothing changes here.\nSELECT 1",)


@dataclass(frozen=True)
class Variant:
    """Sections for one engine, which turn the first schema of ``pair`` into the second by ``changes``.

    ``losses`` are those of the whole translated schema, ``fresh`` those that are new with this migration.
    """

    dialect: Dialect
    upgrade: tuple[str, ...]
    rollback: tuple[str, ...]
    pair: Pair
    changes: tuple[Change, ...]
    losses: tuple[Loss, ...]
    fresh: tuple[Loss, ...]

    @property
    def engine(self) -> str:
        """Engine in the titles of the sections (``-- upgrade: sqlite``)."""
        return self.dialect.name


@dataclass(frozen=True)
class Interpretation:
    """Translation of a database's schemas for the engine of its dev database."""

    engine: Dialect
    translator: Translator
    source: Dialect
    column_types: Mapping[Ref, DataType]

    def schema(self, schema: Schema) -> tuple[Schema, tuple[Loss, ...]]:
        """Translate a schema and return it with its losses, without definitions that models cannot declare, such as privileges."""
        declarable = self.source.features.described_definitions
        described = Schema(
            item for item in schema.objects() if not isinstance(item, Definition) or item.kind in declarable
        )
        translation = self.translator.schema(described, self.source, self.column_types)
        return translation.schema, translation.losses

    def variant(self, both: Pair, fills: Mapping[Ref, str | None] | None = None) -> Variant:
        """Make the variant for the change ``both``; ``fills`` (``Prefs.fills``) are translated too. Raises
        ``Unsupported``."""
        before, lost_before = self.schema(_spelled(both.current, both.desired))
        after, lost = self.schema(both.desired)
        labels = [rename for rename in both.renames if rename.old.kind == "enum_value"]
        upgrade, rollback = self._relabel_statements(labels, both.current, before)
        start = self._without_labels(labels, both.current, before)
        renames = tuple(self._renames(both.renames, start))
        after = spell(after, after_renames(start, renames), self.engine.features.caseless_names)
        first = plan(pair(before, start, tuple(before)), self.engine)
        here, unfilled = self._fills(fills or {}, both)
        then = plan(pair(start, after, tuple(start), renames=renames), self.engine, Prefs(fills=here))
        known = set(lost_before)
        return Variant(
            self.engine,
            (*first.upgrade(), *upgrade, *then.upgrade()) or _NOTHING,
            (*then.rollback(), *rollback, *first.rollback()) or _NOTHING,
            with_filled(pair(before, after, tuple(before), renames=renames), here),
            tuple(step.change for step in (*first.steps, *then.steps)),
            (*lost, *unfilled),
            (*(loss for loss in lost if loss not in known), *unfilled),
        )

    def _fills(self, fills: Mapping[Ref, str | None], both: Pair) -> tuple[dict[Ref, str | None], tuple[Loss, ...]]:
        """Fill values by translated column; ``None``, a marked place in the file, for an expression without an equivalent."""
        ground, values, lost = both.renamed(), dict[Ref, str | None](), []
        for ref, expression in fills.items():
            here, owner = self.translator.ref(ref), ref.owner
            if here is None:
                continue
            values[here] = None
            if expression is not None:
                type_ = both.desired.table(owner).columns[ref.name].type
                columns = ground.table(owner).columns
                values[here] = self.translator.value(expression, type_, self.source.name, columns)
                if values[here] is None:
                    why = f"{self.engine.name} has no such expression: its section has a marked place for the value"
                    lost.append(Loss(str(ref).partition(" ")[2], f"is not filled with {expression}", why))
        return values, tuple(lost)

    # -- labels of enums, which are text with a check here

    def _columns_with_label(self, labels: Sequence[Rename], current: Schema) -> Iterator[tuple[Rename, Ref]]:
        """Each renamed label with the columns that may contain it, by their translated names."""
        for rename in labels:
            for table in current.tables():
                for column in table.columns.values():
                    enum = column.type.ref
                    here = self.translator.ref(column_ref(table.ref, column.name))
                    if here and enum and (enum.schema, enum.name) == (rename.old.schema, rename.old.table):
                        yield rename, here

    def _relabel_statements(
        self, labels: Sequence[Rename], current: Schema, before: Schema
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        there: list[str] = []
        back: list[str] = []
        for rename, column in self._columns_with_label(labels, current):
            if _has(before, column):
                there.append(self._update(column, rename.old.name, rename.new.name))
                back.insert(0, self._update(column, rename.new.name, rename.old.name))
        return tuple(there), tuple(back)

    def _update(self, column: Ref, old: str, new: str) -> str:
        name, table = self.engine.quote(column.name), self.engine.quote(column.table or "")
        before, after = ("'" + label.replace("'", "''") + "'" for label in (old, new))
        return f"UPDATE {table} SET {name} = {after} WHERE {name} = {before}"

    def _without_labels(self, labels: Sequence[Rename], current: Schema, before: Schema) -> Schema:
        """``before`` without the checks of the columns whose labels change."""
        columns = {column for _, column in self._columns_with_label(labels, current)}
        gone = [
            item.ref
            for item in before.objects()
            if isinstance(item, Check) and any(column_ref(item.table, name) in columns for name in item.columns)
        ]
        return before.without(*gone) if gone else before

    def _renames(self, renames: Iterable[Rename], before: Schema) -> Iterable[Rename]:
        """Translated renames that also apply on this engine, in their order."""
        for rename in renames:
            old, new = self.translator.ref(rename.old), self.translator.ref(rename.new)
            if old is None or new is None or old == new or not _has(before, old):
                continue
            moved = Rename(old, new)
            before = moved.apply(before)
            yield moved


def interpretation(workspace: Workspace, dialect: Dialect, tables: Iterable[sa.Table]) -> Interpretation | None:
    """Translation of the schemas of ``dialect`` for the engine of the dev database.

    ``None`` if there is no dev database, it is of the same engine, or there is no translator.
    """
    name = workspace.database.dev_database_type
    translator = dialects.translator(name) if name and name != dialect.name else None
    if name is None or translator is None:
        return None
    engine = dialects.get(name)
    types = dict(variant_types(tables, engine))
    default = dialect.server.default_schema
    types.update({ref._replace(schema=None): type_ for ref, type_ in types.items() if ref.schema == default})
    return Interpretation(engine, translator, dialect, types)


def _has(schema: Schema, ref: Ref) -> bool:
    if ref.kind != "column":
        return ref in schema
    table = schema.get(ref.owner)
    return isinstance(table, Table) and ref.name in table.columns


def _spelled(current: Schema, desired: Schema) -> Schema:
    """``current`` with the texts of ``desired`` for equal objects: a server prints expressions in its own form, whose
    translation could differ."""
    return Schema(_as_spelled(item, desired.get(item.ref)) for item in current.objects())


def _as_spelled(item: Object, other: Object | None) -> Object:
    if isinstance(item, Table) and isinstance(other, Table):
        columns = {
            name: other.columns[name] if other.columns.get(name) == column else column
            for name, column in item.columns.items()
        }
        return replace(item, columns=columns)
    return other if other is not None and other == item else item
