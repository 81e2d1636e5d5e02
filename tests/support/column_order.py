"""The order of the columns that a change leaves behind, on engines whose ADD COLUMN takes a place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.support.renamed import Flags


def column_order(dump: Sequence[str]) -> dict[str, list[str]]:
    """The names of the columns of each table of MySQL, MariaDB or ClickHouse, in their order; empty for other engines."""
    tables = {}
    for text in dump:
        match = re.match(r"CREATE TABLE `?([^`(]+?)`? \( (.*)", text)
        if match:
            tables[match[1]] = re.findall(r"(?:^|\| )`((?:[^`]|``)+)` ", match[2])
    return tables


def without_order(dump: Sequence[str]) -> list[str]:
    """A dump in which the columns and members of each table are in alphabetical order."""
    return sorted(" | ".join(sorted(re.split(r" \| |(?<= \() ", text))) for text in dump)


def assert_column_order(
    dump: Sequence[str], reference: Sequence[str], former: Sequence[str], flags: Flags | None = None
) -> None:
    """Existing columns stay where they are (``former``). New ones come where the models have them (``reference``), so that the
    whole order is that of the models if the existing ones had it; only where virtual columns would make that a copy of the
    table they may come last."""
    order, wanted = column_order(dump), column_order(reference)
    existing = (flags or Flags("")).renamed_order(column_order(former))
    assert order.keys() == wanted.keys()
    for table, columns in order.items():
        stay = [name for name in existing.get(table, ()) if name in columns]
        assert [name for name in columns if name in stay] == stay, table
        is_virtual = any(f"CREATE TABLE `{table}`" in text and " VIRTUAL" in text for text in (*reference, *former))
        if [name for name in wanted[table] if name in stay] == stay and not is_virtual:
            assert columns == wanted[table], table
