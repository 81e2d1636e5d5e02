"""Names across a rename: which table and column of the former models is which of the new ones."""

from __future__ import annotations

import re
from collections.abc import Sequence

import sqlalchemy as sa

from dbwarden import CompareOptions, RenameFlags
from tests.support.project import common_columns

Columns = dict[str, list[str]]


class Flags:
    """The lines of a ``flags.txt``: ``--rename users.email:mail``, ``--rename-table users:people``."""

    def __init__(self, text: str) -> None:
        self.lines = [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]

    @property
    def options(self) -> CompareOptions:
        tables, parts = self._of("--rename-table"), self._of("--rename")
        return CompareOptions(renames=RenameFlags(tables, parts))

    def common(self, before: sa.MetaData, after: sa.MetaData) -> tuple[Columns, Columns]:
        """What both have, by the former names and, in the same order, by the new ones."""
        if not self.lines:
            both = common_columns(before, after)
            return both, both
        former, now = {}, {}
        for key, table in before.tables.items():
            other = after.tables.get(self._table(key))
            if other is not None:
                columns = [column.name for column in table.columns]
                names = {name: self._column(f"{other.key}.{name}") for name in columns}
                remaining = {old: new for old, new in names.items() if new in other.columns}
                former[_quoted(table)] = [f'"{name}"' for name in remaining]
                now[_quoted(other)] = [f'"{name}"' for name in remaining.values()]
        return former, now

    def with_new_names(self, dump: Sequence[str]) -> list[str]:
        """A dump in which the names are the new ones also where engines chose names after the former ones (sequences,
        indexes of constraints), and where words stand in the order of the alphabet."""
        if not self.lines:
            return list(dump)
        lines = list(dump)
        for _, text in self.lines:
            old, _, new = text.rpartition(".")[2].partition(":")
            pattern = re.compile(rf"(?<![A-Za-z]){old}(?![A-Za-z])", re.IGNORECASE)
            lines = [pattern.sub(new, line) for line in lines]
        return sorted(" ".join(sorted(re.findall(r"[^\s,|()]+", line.lower()))) for line in lines)

    def renamed_order(self, columns: Columns) -> Columns:
        """Columns by table, with the new names of both."""
        tables = {self._table(name): names for name, names in columns.items()}
        return {table: [self._column(f"{table}.{name}") for name in names] for table, names in tables.items()}

    def _of(self, flag: str) -> tuple[str, ...]:
        return tuple(text for name, text in self.lines if name == flag)

    def _table(self, key: str) -> str:
        schemas = dict(
            text.removeprefix("schema ").split(":") for text in self._of("--rename") if text.startswith("schema ")
        )
        schema, dot, name = key.rpartition(".")
        renamed = dict(text.split(":") for text in self._of("--rename-table"))
        return renamed.get(key, f"{schemas.get(schema, schema)}{dot}{name}")

    def _column(self, path: str) -> str:
        return dict(text.split(":") for text in self._of("--rename")).get(path, path.rpartition(".")[2])


def _quoted(table: sa.Table) -> str:
    return f'"{table.schema}"."{table.name}"' if table.schema else f'"{table.name}"'
