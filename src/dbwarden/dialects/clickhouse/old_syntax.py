"""The way in which tables of the MergeTree family were created before ``ORDER BY``: ``MergeTree(day, (id, day), 8192)``.

Servers still read it. The arguments are the column of the partitions by month, the sampling expression if there is one, the
primary key, the granularity, and what the engine itself takes (documentation of MergeTree, "Deprecated Method").
"""

from __future__ import annotations

from collections.abc import Mapping

from .expressions import split


def modern_clauses(values: Mapping[str, str | None]) -> Mapping[str, str | None]:
    """The clauses of a table with those that its engine has as arguments; unchanged for a table in today's syntax."""
    name, opening, text = (values.get("engine") or "").partition("(")
    if not opening or not name.strip().endswith("MergeTree") or values.get("order_by") or values.get("primary_key"):
        return values
    arguments = tuple(split(text.rstrip()[:-1]))
    paths = 2 if name.startswith("Replicated") and arguments[:1] and arguments[0].startswith("'") else 0
    path, arguments = arguments[:paths], arguments[paths:]
    at = next((number for number in (2, 3) if len(arguments) > number and arguments[number].isdecimal()), None)
    if at is None:
        return values
    rest = (*path, *arguments[at + 1 :])
    settings = (values.get("settings"), f"index_granularity = {arguments[at]}")
    return {
        **values,
        "engine": f"{name}({', '.join(rest)})" if rest else name,
        "partition_by": f"toYYYYMM({arguments[0]})",
        "order_by": arguments[at - 1],
        "sample_by": arguments[1] if at == 3 else values.get("sample_by"),
        "settings": ", ".join(filter(None, settings)),
    }
