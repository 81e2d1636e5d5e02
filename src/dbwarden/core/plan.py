"""The story of a migration: canonical schemas -> diff -> cascade -> order -> regroup -> printed both ways."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dbwarden.errors import Irreversible, Unsupported

from .cascade import cascade
from .change import Change, Rename
from .dialect import Dialect, Prefs
from .diff import adopt_names, diff
from .model import Column, Object, Schema, Table
from .order import order
from .statement import Plan, Step
from .types import Ref


@dataclass(frozen=True, slots=True)
class Pair:
    """Two canonical schemas that can be compared: names adopted, what the models do not own taken out of both.

    ``unowned`` names what the database has and the models do not describe: it is left alone and listed.
    """

    current: Schema
    desired: Schema
    unowned: tuple[Ref, ...] = ()


def pair(current: Schema, desired: Schema, owned: Iterable[Ref] = (), drop_unowned: bool = False) -> Pair:
    """Both schemas restricted to what the models own.

    ``current`` and ``desired`` are canonical. ``owned`` are objects that our history says we created: they are dropped when
    the models no longer have them. ``drop_unowned`` claims every table and type. The members of a table go with the table;
    definitions (views, triggers, functions) stay in both, since they are nobody's to change, only to be kept intact.
    """
    desired = adopt_names(current, desired)
    claimed = frozenset(owned)
    unowned: list[Ref] = []
    kept: dict[Ref, Object] = {}
    foreign: set[tuple[str | None, str]] = set()
    for ref, item in current.items():
        if item.derived:
            continue
        mine = ref in desired or ref in claimed or (drop_unowned and isinstance(item, Table))
        if mine:
            kept[ref] = item
        else:
            unowned.append(ref)
            if isinstance(item, Table):
                foreign.add((item.schema, item.name))
    wanted: dict[Ref, Object] = dict(desired.items())
    for ref, item in current.items():
        if not item.derived or (ref.table is not None and (ref.schema, ref.table) in foreign):
            continue
        kept[ref] = item
        if item.kind in _DEFINITIONS and ref not in wanted and _survives(item, kept, desired):
            wanted[ref] = item
            unowned.append(ref)
    return Pair(Schema(kept), Schema(wanted), tuple(sorted(unowned, key=lambda ref: ref.key)))


_DEFINITIONS = frozenset(("view", "materialized_view", "function", "procedure", "trigger", "policy", "grant", "rule"))


def _survives(item: Object, kept: dict[Ref, Object], desired: Schema) -> bool:
    """Whether a definition stays: a trigger goes with the table that is dropped, everything else is kept."""
    on = getattr(item, "on", None)
    return on is None or on in desired or on not in kept


def undecided(both: Pair) -> tuple[Ref, ...]:
    """Tables (and domains) whose only differences are between expressions, so that the server must be asked."""
    if both.current == both.desired:
        return ()
    found: set[Ref] = set()
    for change in diff(both.current, both.desired):
        table = getattr(change, "on", None) or _table_of(change.ref)
        if table is not None and table in both.current and table in both.desired and _has_expression(change):
            found.add(table)
    return tuple(sorted(found, key=lambda ref: ref.key))


def _table_of(ref: Ref) -> Ref | None:
    if ref.table is not None:
        return Ref("table", ref.table, ref.schema)
    return ref if ref.kind == "domain" else None


def _has_expression(change: Change) -> bool:
    items = [getattr(change, name, None) for name in ("object", "before", "after")]
    return any(_expressive(item) for item in items if isinstance(item, Object))


def _expressive(item: Object) -> bool:
    if isinstance(item, Column):
        return item.default is not None or item.computed is not None
    if item.kind in ("check", "exclude", "domain"):
        return True
    elements = getattr(item, "elements", ())
    return getattr(item, "where", None) is not None or any(getattr(one, "expression", None) for one in elements)


def plan(both: Pair, dialect: Dialect, renames: Iterable[Rename] = (), prefs: Prefs | None = None) -> Plan:
    """The steps that turn ``both.current`` into ``both.desired``, each printed in both directions.

    Raises ``Unsupported`` where the dialect has no way forward; a missing way back is ``Step.irreversible``.
    """
    prefs = prefs or Prefs()
    before, after = both.current, both.desired
    if before == after:
        return Plan(())
    changes = order(cascade(diff(before, after, renames), before, after))
    changes = tuple(dialect.regroup(changes, before, after))
    steps = tuple(_step(change, dialect, both, prefs) for change in changes)
    return Plan(steps, before.digest(), after.digest())


def _step(change: Change, dialect: Dialect, both: Pair, prefs: Prefs) -> Step:
    upgrade = dialect.ddl(change, both.current, both.desired, prefs)
    try:
        back = dialect.ddl(change.inverse(), both.desired, both.current, prefs)
    except (Irreversible, Unsupported) as reason:
        return Step(change, upgrade, (), irreversible=str(reason))
    return Step(change, upgrade, back)
