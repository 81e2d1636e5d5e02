"""Hides the objects that the configuration ignores (``ignore_tables`` and similar settings)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from . import kinds
from .model import Definition, Index, Object, Schema, Table
from .sqltext import fold_case
from .types import Ref


@dataclass(frozen=True, slots=True)
class Ignored:
    """Patterns of names by setting: ``audit_*``, or with a schema ``audit.*``."""

    patterns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    default_schema: str | None = None
    caseless: Collection[str] = ()

    def __bool__(self) -> bool:
        return any(self.patterns.values())

    def covers(self, ref: Ref) -> bool:
        """Whether the object, its table or its schema is ignored."""
        if self._schema(ref.name if ref.kind == "namespace" else ref.schema):
            return True
        if ref.table is not None and self._is_listed("ignore_tables", ref._replace(kind="table", name=ref.table)):
            return True
        setting = kinds.of(ref.kind).ignored_by
        return setting is not None and self._is_listed(setting, ref)

    def hide(self, schema: Schema) -> Schema:
        """``schema`` without the ignored objects, except indexes (see ``adopt_indexes``)."""
        if not self:
            return schema
        return Schema(item for ref, item in schema.items() if self._is_visible(ref, item))

    def hidden_objects(self, schema: Schema) -> Schema:
        """The objects that ``hide`` removes from ``schema``, members of tables included."""
        if not self:
            return Schema()
        left_out = (item for ref, item in schema.items() if not self._is_visible(ref, item))
        return Schema(item for item in left_out if not isinstance(item, Definition))

    def adopt_indexes(self, current: Schema, desired: Schema) -> Schema:
        """``desired`` with the ignored indexes of ``current``, so that they show no difference and survive a rebuild."""
        if not self.patterns.get("ignore_indexes"):
            return desired
        others = (item for ref, item in desired.items() if not (isinstance(item, Index) and self.covers(ref)))
        existing = (item for ref, item in current.items() if isinstance(item, Index) and self.covers(ref))
        return Schema((*others, *(index for index in existing if _is_possible(index, desired))))

    def _is_visible(self, ref: Ref, item: Object) -> bool:
        if isinstance(item, Index):
            ref = ref._replace(kind="table", name=ref.table or "", table=None)
        return not self.covers(ref)

    def _schema(self, name: str | None) -> bool:
        patterns = self.patterns.get("ignore_schemas", ())
        return bool(patterns) and any(fnmatchcase(name or self.default_schema or "", pattern) for pattern in patterns)

    def _is_listed(self, setting: str, ref: Ref) -> bool:
        schema = ref.schema or self.default_schema or ""
        names = (ref.name, f"{schema}.{ref.name}")
        for pattern in self.patterns.get(setting, ()):
            for name in names:
                if fnmatchcase(name, pattern) or (ref.kind in self.caseless and _match_folded(name, pattern)):
                    return True
        return False


def _match_folded(name: str, pattern: str) -> bool:
    return fnmatchcase(fold_case(name), fold_case(pattern))


def _is_possible(index: Index, schema: Schema) -> bool:
    table = schema.get(index.table)
    return isinstance(table, Table) and set(index.column_names()) <= table.columns.keys()
