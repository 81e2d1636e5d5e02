"""Derived objects that are defined by their text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from dbwarden.core import kinds
from dbwarden.core.types import Expression, Ref

from .base import NOTHING, Object, in_namespace, ref_after


@dataclass(frozen=True, slots=True)
class Definition(Object):
    """An object defined by its text: view, materialized_view, function, procedure, trigger, policy, grant, ...

    ``sql`` is the CREATE statement; that of a policy or of privileges is followed by the statements that complete it. ``on`` is
    the table of a trigger or policy.
    """

    derived: ClassVar[bool] = True
    kind: str  # type: ignore[misc]
    name: str
    sql: Expression
    schema: str | None = None
    on: Ref | None = None
    comment: str | None = None
    dependents: tuple[str, ...] = ()
    """The statements that restore what CREATE does not: indexes, rules, triggers, owner, privileges."""
    columns: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    """The columns of a view, with their types as the server prints them; empty if they are not known."""
    needs: frozenset[Ref] = field(default=NOTHING, compare=False)
    lost: tuple[str, ...] = field(default=(), compare=False)
    """Dependents that a drop loses because ``sql`` does not restore them, in words."""
    attached: bool = field(default=False, compare=False)
    """Whether it survives changes of its column and is dropped with it (privileges, extended statistics). All other
    definitions block such changes."""
    absent: bool = field(default=False, compare=False)
    """Whether the models say that there is nothing but the default: what the database has beyond it is dropped."""

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name, self.schema, self.on.name if self.on else None)

    def uses(self) -> frozenset[Ref]:
        return self.needs | {self.on} if self.on else self.needs | in_namespace(self.schema)

    def renamed(self, old: Ref, new: Ref) -> Object:
        """The definition under its new name. Its text stays, because each engine rewrites it differently."""
        name = new.name if old == self.ref else self.name
        if old.kind == "column" and kinds.of(self.kind).is_right and old in self.needs:
            name = (
                name.removesuffix(f" ({old.name})") + f" ({new.name})"
            )  # privileges on a column have its name in theirs
        on = new if old == self.on else self.on
        schema = new.schema if old in (self.ref, self.on) else self.schema
        needs = frozenset(ref_after(ref, old, new) for ref in self.needs)
        unchanged = (name, schema, on, needs) == (self.name, self.schema, self.on, self.needs)
        return self if unchanged else replace(self, name=name, schema=schema, on=on, needs=needs)


def dependent_kind(statement: str) -> str:
    """What a dependent of a view is, if models declare it: ``index`` or ``comment``, that of a column; else empty."""
    words = statement.upper().split(maxsplit=3)[:3]
    if words[:1] == ["CREATE"] and "INDEX" in words:
        return "index"
    return "comment" if words == ["COMMENT", "ON", "COLUMN"] else ""
