"""Derived objects that are defined by their text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from dbwarden.core import kinds, text_renames
from dbwarden.core.sqltext import fold_case
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

    @property
    def columns_known(self) -> bool:
        """Whether ``needs`` has the columns that the text names."""
        return any(ref.kind == "column" for ref in self.needs)

    def renamed(self, old: Ref, new: Ref) -> Object:
        """The definition after the rename, with its text as the server prints it then (``core.text_renames``)."""
        name = new.name if old == self.ref else self._name_after(old, new)
        on = new if old == self.on else self.on
        schema = new.schema if old in (self.ref, self.on) else self.schema
        needs = frozenset(ref_after(ref, old, new) for ref in self.needs)
        sql, dependents = self._texts_after(old, new)
        unchanged = (name, schema, on, needs) == (self.name, self.schema, self.on, self.needs)
        if unchanged and sql is self.sql and dependents == self.dependents:
            return self
        return replace(self, name=name, schema=schema, on=on, needs=needs, sql=sql, dependents=dependents)

    def _name_after(self, old: Ref, new: Ref) -> str:
        """The name, which for privileges on a column has that in parentheses."""
        place = f" ({old.name})"
        if old.kind != "column" or old not in self.needs or not self.name.endswith(place):
            return self.name
        return f"{self.name.removesuffix(place)} ({new.name})" if kinds.of(self.kind).is_right else self.name

    def _texts_after(self, old: Ref, new: Ref) -> tuple[Expression, tuple[str, ...]]:
        """``sql`` and ``dependents`` after a rename. Of a text that the server leaves alone only the key changes, by which it is
        compared: a rollback restores the text when the former names are back."""
        rules = self.sql.names
        folded = new._replace(name=fold_case(new.name)) if rules.caseless else new
        if not rules.bound:
            if old == self.ref:
                text, key = (
                    text_renames.with_own_name(text, old, new, rules) for text in (self.sql.text, self.sql.key)
                )
                return Expression(text, key, rules), self.dependents
            key = text_renames.with_new_ground(self.sql.key, old, folded, rules) if old == self.on else self.sql.key
            return (self.sql if key == self.sql.key else Expression(self.sql.text, key, rules)), self.dependents

        def rewrite(text: str, to: Ref) -> str:
            if old.kind == "enum_value":
                return text_renames.with_new_label(text, old, to, rules)
            if old == self.ref and (self.on is not None or kinds.of(self.kind).of_database):
                return text_renames.with_own_name(text, old, to, rules)
            aliases, ground = not kinds.of(self.kind).is_routine, self.on.name if self.on is not None else None
            return text_renames.with_new_name(text, old, to, rules, columns, aliases, ground)

        columns = {ref.name for ref in self.needs if ref.kind == "column"}
        text = rewrite(self.sql.text, new)
        key = text if self.sql.key == self.sql.text else rewrite(self.sql.key, folded)
        if kinds.of(self.kind).is_right:
            key = self.sql.key  # the privileges
        dependents = tuple(rewrite(statement, new) for statement in self.dependents)
        unchanged = (text, key) == (self.sql.text, self.sql.key)
        return (self.sql if unchanged else Expression(text, key, rules)), dependents


def dependent_kind(statement: str) -> str:
    """What a dependent of a view is, if models declare it: ``index`` or ``comment``, that of a column; else empty."""
    words = statement.upper().split(maxsplit=3)[:3]
    if words[:1] == ["CREATE"] and "INDEX" in words:
        return "index"
    return "comment" if words == ["COMMENT", "ON", "COLUMN"] else ""
