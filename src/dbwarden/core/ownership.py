"""Which objects our history says we created: only those may be dropped when the models no longer have them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from .dialect import OWN_PREFIX
from .spelling import fold_ref
from .statement import Effect, Facts
from .types import Ref

RENAME_TABLE = "rename table"
"""``Facts.action`` of a statement that renames ``targets[0]``; ``targets[1]``, where given, is the new name."""


def created_by(
    upgrades: Iterable[str],
    rollbacks: Iterable[Sequence[str]],
    facts: Callable[[str], Facts],
    caseless: Collection[str] = (),
) -> frozenset[Ref]:
    """What applied statements created, under the names it has now: targets of CREATE in ``upgrades``, and of DROP in
    ``rollbacks``, one sequence of statements per migration; both in the order in which the migrations were applied.

    A rollback that drops a table proves that its upgrade created it, also when the file is gone. Names of the
    ``caseless`` kinds are folded: statements may spell one table in several ways.
    """

    def folded(sql: str) -> Facts:
        found = facts(sql)
        return replace(found, targets=tuple(fold_ref(ref, caseless) for ref in found.targets)) if caseless else found

    upwards = _claimed(map(folded, upgrades), Effect.CREATES)
    return upwards | _claimed(_backwards(rollbacks, folded), Effect.DROPS)


def _backwards(rollbacks: Iterable[Sequence[str]], facts: Callable[[str], Facts]) -> Iterable[Facts]:
    """What rollbacks say of their upgrades, in the order of the upgrades."""
    return (facts(sql) for statements in rollbacks for sql in reversed(statements))


def _claimed(known: Iterable[Facts], effect: Effect) -> frozenset[Ref]:
    """The targets of the statements with the effect; a table that is renamed is still ours.

    That a rebuild drops a table and puts another one in its place says nothing of whose the table is.
    """
    found: set[Ref] = set()
    rebuilt: set[Ref] = set()
    for one in known:
        if one.action == RENAME_TABLE and len(one.targets) == 2:
            if not one.targets[0].name.startswith(OWN_PREFIX):
                _follow(found, one.targets, effect)
            elif effect is Effect.DROPS:
                rebuilt.add(one.targets[1])
        elif effect in one.effects:
            found |= {ref for ref in one.targets if ref not in rebuilt and not ref.name.startswith(OWN_PREFIX)}
            rebuilt -= set(one.targets)
    return frozenset(found)


def _follow(found: set[Ref], targets: Sequence[Ref], effect: Effect) -> None:
    """``targets`` are the names before and after; of a rollback, after and before."""
    old, new = targets if effect is Effect.CREATES else reversed(targets)
    if old in found:
        found.remove(old)
        found.add(new)
