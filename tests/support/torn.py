"""What a file tears apart: dropped in a transaction that is committed before the same is there again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dbwarden.core.dialect import Dialect

_NAME = r'((?:[\w.]|"[^"]*")+)'
_DROPPED = re.compile(rf"\bDROP (?:CONSTRAINT|(?:MATERIALIZED )?VIEW|INDEX(?! CONCURRENTLY)) {_NAME}")
_ADDED = re.compile(rf"\b(?:ADD CONSTRAINT|CREATE (?:MATERIALIZED )?VIEW|CREATE (?:UNIQUE )?INDEX) {_NAME}")


def torn(statements: Sequence[str], dialect: Dialect) -> list[str]:
    """Names of constraints, views and indexes between whose drop and re-add a statement leaves the transaction.

    An index that is dropped concurrently is not among them: that is a transaction of its own.
    """
    facts = dialect.analyze_file(statements)
    names = []
    gone: dict[str, int] = {}
    for at, sql in enumerate(statements):
        dropped = set(_DROPPED.findall(sql))
        gone.update(dict.fromkeys(dropped, at))
        for name in _ADDED.findall(sql):
            since = gone.pop(name, at)
            if any(not one.transactional for one in facts[since + 1 : at + 1]):
                names.append(name)
    return names
