"""Hides the objects that the configuration ignores (``ignore_tables`` and similar settings)."""

from __future__ import annotations

import re
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
        return self._with_place(ref) or self._by_name(ref)

    def _with_place(self, ref: Ref, on: str = "table") -> bool:
        """Whether the schema of an object is ignored, or the table or view (``on``) that it belongs to."""
        if self._schema(ref.name if ref.kind == "namespace" else ref.schema):
            return True
        setting = kinds.of(on).ignored_by if ref.table is not None else None
        return setting is not None and self._is_listed(setting, ref._replace(kind=on, name=ref.table or ""))

    def _by_name(self, ref: Ref) -> bool:
        kind = kinds.of(ref.kind)
        rest = _GRANTEE if kind.is_right else _REST.get(ref.kind)
        named = ref._replace(name=rest.split(ref.name, maxsplit=1)[0]) if rest is not None else ref
        return kind.ignored_by is not None and self._is_listed(kind.ignored_by, named)

    def hide(self, schema: Schema) -> Schema:
        """``schema`` without the ignored objects, except those that belong to a table (see ``adopt_members``)."""
        if not self:
            return schema
        return Schema(item for ref, item in schema.items() if self._is_visible(ref, item))

    def hidden_objects(self, schema: Schema) -> Schema:
        """The objects that ``hide`` removes from ``schema``, members of tables included."""
        if not self:
            return Schema()
        left_out = (item for ref, item in schema.items() if not self._is_visible(ref, item))
        return Schema(item for item in left_out if not isinstance(item, Definition))

    def adopt_members(self, current: Schema, desired: Schema) -> Schema:
        """``desired`` with the ignored indexes, constraints, triggers and the like of ``current``, so that they show no difference
        and survive a rebuild of their table."""
        settings = {kind.ignored_by for kind in kinds.KINDS.values() if kind.container == "table"}
        if not any(self.patterns.get(setting or "") for setting in settings):
            return desired
        others = (item for ref, item in desired.items() if not (_is_member(item) and self._by_name(ref)))
        existing = (item for ref, item in current.items() if _is_member(item) and self._by_name(ref))
        return Schema((*others, *(item for item in existing if _is_possible(item, desired))))

    def _is_visible(self, ref: Ref, item: Object) -> bool:
        on = getattr(item, "on", None)
        if self._with_place(ref, on.kind if isinstance(on, Ref) else "table"):
            return False
        return _is_member(item) or not self._by_name(ref)

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


_GRANTEE = re.compile(r" on | in | \(")
"""What stands behind the grantee in the name of a set of privileges or a membership."""
_REST = {"security_label": re.compile(" of ")}
"""What stands behind the part that a pattern means in the names of other kinds: the column of a provider's label."""


def _is_member(item: Object) -> bool:
    """Whether an object belongs to a table, view or the like."""
    return item.ref.table is not None


def _is_possible(item: Object, schema: Schema) -> bool:
    """Whether what a member belongs to stays, with its columns."""
    table = schema.get(item.ref.owner)
    if isinstance(item, Definition):
        columns = {ref.name for ref in item.needs if ref.kind == "column" and ref.owner == item.on}
        table = schema.get(item.on) if item.on is not None else None
    else:
        names = item.column_names() if isinstance(item, Index) else getattr(item, "columns", ())
        columns = {name for name in names if isinstance(name, str)}
    return table is not None and (not isinstance(table, Table) or columns <= table.columns.keys())
