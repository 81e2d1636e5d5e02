"""Names that the server chooses for unnamed indexes and constraints, and the indexes that it adds for foreign keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dbwarden.core.dialect import Server
from dbwarden.core.model import Check, ForeignKey, Index, IndexElement, Member, Object, PrimaryKey
from dbwarden.core.sqltext import fold_case
from dbwarden.core.types import Ref

_NO_TREE = frozenset(("fulltext", "spatial", "vector", "hash"))
"""Methods of indexes that a foreign key cannot use."""


def assign_implicit_names(items: Sequence[Object], server: Server) -> list[Object] | None:
    """The objects with names for all members, and with the indexes of foreign keys that have none; ``None`` if nothing is
    missing.

    Names are chosen in the order of the members, as in CREATE TABLE (``make_unique_key_name`` in sql/sql_table.cc).
    """
    by_table: dict[Ref, list[Member]] = {}
    for item in items:
        if isinstance(item, Member):
            by_table.setdefault(item.table, []).append(item)
    named: dict[int, Member] = {}
    added: list[Object] = []
    for table, members in by_table.items():
        if any(_nameless(member) or isinstance(member, ForeignKey) for member in members):
            names = _Names(table, members, server)
            named |= names.assigned(members)
            added += names.indexes_of_foreign_keys(members)
    if not named and not added:
        return None
    return [*(named.get(id(item), item) for item in items), *added]


def _nameless(member: Any) -> bool:
    return member.name is None and not isinstance(member, PrimaryKey)


class _Names:
    """Names of one table's members."""

    def __init__(self, table: Ref, members: Iterable[Member], server: Server) -> None:
        self.table, self.server = table, server
        self.indexes = {fold_case(member.name) for member in members if isinstance(member, Index) and member.name}
        self.constraints = {
            fold_case(member.name) for member in members if isinstance(member, Check | ForeignKey) and member.name
        }

    def assigned(self, members: Iterable[Member]) -> Mapping[int, Member]:
        """The unnamed members with their names, by ``id`` of the unnamed one."""
        return {
            id(member): replace(member, name=self.name_of(member), implicit=True)  # type: ignore[call-arg]
            for member in members
            if _nameless(member)
        }

    def name_of(self, member: Member) -> str:
        """The name that the server chooses for a member."""
        if isinstance(member, Index):
            first = member.elements[0].column if member.elements else None
            return self._of_index(first or "functional_index")
        if isinstance(member, Check):
            return self._numbered("CONSTRAINT_" if self.server.flavour == "mariadb" else f"{self.table.name}_chk_")
        return self._numbered(f"{self.table.name}_ibfk_")

    def _numbered(self, stem: str) -> str:
        number = 1
        while fold_case(f"{stem}{number}") in self.constraints:
            number += 1
        self.constraints.add(fold_case(f"{stem}{number}"))
        return f"{stem}{number}"

    def _of_index(self, column: str) -> str:
        name, number = column, 1
        while fold_case(name) in self.indexes or fold_case(name) == "primary":
            number += 1
            name = f"{column}_{number}"
        self.indexes.add(fold_case(name))
        return name

    def indexes_of_foreign_keys(self, members: Sequence[Member]) -> list[Index]:
        """An index for each foreign key that no index of the table supports; of keys on the same columns
        for the last."""
        existing = [_columns(member) for member in members]
        keys = [member for member in members if isinstance(member, ForeignKey)]
        last = {key.columns: key for key in keys}
        lacking = [key for key in keys if last[key.columns] is key]
        indexes = []
        for key in lacking:
            others = [*existing, *(other.columns for other in lacking if other is not key)]
            if any(_begins_with(columns, key.columns) for columns in others):
                continue
            name = key.name if key.name and not key.implicit else None
            if name is None or fold_case(name) in self.indexes:
                name = self._of_index(key.columns[0])
            self.indexes.add(fold_case(name))
            indexes.append(Index(key.table, name, tuple(map(IndexElement, key.columns)), implicit=True))
        return indexes


def _columns(member: Member) -> tuple[str, ...]:
    """The columns of a key or index by which rows can be looked up, up to the first partial one."""
    if isinstance(member, PrimaryKey):
        return member.columns
    if not isinstance(member, Index) or member.method in _NO_TREE:
        return ()
    names: list[str] = []
    for element in member.elements:
        if element.column is None or element.length is not None:
            break
        names.append(element.column)
    return tuple(names)


def _begins_with(columns: tuple[str, ...], beginning: tuple[str, ...]) -> bool:
    return tuple(map(fold_case, columns[: len(beginning)])) == tuple(map(fold_case, beginning))
