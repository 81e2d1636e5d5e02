"""Which objects our history says we created: only those may be dropped when the models no longer have them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .statement import Effect, Facts
from .types import Ref


def created_by(upgrades: Iterable[str], rollbacks: Iterable[str], facts: Callable[[str], Facts]) -> frozenset[Ref]:
    """What applied statements created: targets of CREATE in ``upgrades``, and of DROP in ``rollbacks``.

    A rollback that drops a table proves that its upgrade created it, also when the file is gone.
    """
    found: set[Ref] = set()
    for sqls, effect in ((upgrades, Effect.CREATES), (rollbacks, Effect.DROPS)):
        for sql in sqls:
            known = facts(sql)
            if effect in known.effects:
                found.update(known.targets)
    return frozenset(found)
