"""Which objects our history says we created: only those may be dropped when the models no longer have them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .statement import Effect, Facts
from .types import Ref

RENAME_TABLE = "rename table"
"""``Facts.action`` of a statement that renames ``targets[0]``; ``targets[1]``, where given, is the new name."""


def created_by(upgrades: Iterable[str], rollbacks: Iterable[str], facts: Callable[[str], Facts]) -> frozenset[Ref]:
    """What applied statements created: targets of CREATE in ``upgrades``, and of DROP in ``rollbacks``.

    A rollback that drops a table proves that its upgrade created it, also when the file is gone.
    """
    created = _claimed(upgrades, Effect.CREATES, facts) + _claimed(rollbacks, Effect.DROPS, facts)
    return frozenset(ref for refs in created for ref in refs)


def _claimed(sqls: Iterable[str], effect: Effect, facts: Callable[[str], Facts]) -> list[tuple[Ref, ...]]:
    """The targets of each statement with the effect; not of a DROP that only makes room for the table's own rebuild."""
    found: list[tuple[Ref, ...]] = []
    for sql in sqls:
        known = facts(sql)
        if effect in known.effects:
            found.append(known.targets)
        elif effect is Effect.DROPS and known.action == RENAME_TABLE and found and found[-1] == known.targets[1:]:
            found.pop()
    return found
