"""Virtual tables, and the shadow tables that store their rows. Models do not describe them, but their names are in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dbwarden.core.model import Definition
from dbwarden.core.types import Ref

from .words import expression, tokens, unquote

Row = tuple[str, str, str, str]

_FTS4 = ("content", "docsize", "segdir", "segments", "stat")
_RTREE = ("node", "parent", "rowid")
# Modules that are part of SQLite (https://www.sqlite.org/vtablist.html), so that a scratch database has them too.
_SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "fts3": _FTS4,
    "fts4": _FTS4,
    "fts4aux": (),
    "fts5": ("config", "content", "data", "docsize", "idx"),
    "fts5vocab": (),
    "rtree": _RTREE,
    "rtree_i32": _RTREE,
    "geopoly": _RTREE,
}
_ANY = tuple(sorted({suffix for suffixes in _SUFFIXES.values() for suffix in suffixes}))
"""Suffixes assumed for the shadow tables of other modules (https://www.sqlite.org/vtab.html#the_xshadowname_method)."""


def modules(rows: Iterable[Row]) -> dict[str, str]:
    """Virtual tables and their modules."""
    return {name: _module(sql) for kind, name, _, sql in rows if kind == "table" and _is_virtual(sql)}


def shadows(virtual: Mapping[str, str]) -> dict[str, str]:
    """Names that shadow tables of these virtual tables may have, each with its virtual table."""
    return {f"{name}_{suffix}": name for name, module in virtual.items() for suffix in _SUFFIXES.get(module, _ANY)}


def definitions(rows: Iterable[Row], virtual: Mapping[str, str]) -> list[Definition]:
    """Virtual tables of modules that are part of SQLite, and their shadow tables."""
    behind = shadows(virtual)
    objects: list[Definition] = []
    for kind, name, _, sql in rows:
        owner = name if name in virtual else behind.get(name)
        if kind != "table" or owner is None or virtual[owner] not in _SUFFIXES:
            continue
        if owner == name:
            objects.append(Definition("virtual_table", name, expression(sql)))
        else:
            objects.append(Definition("shadow_table", name, expression(""), needs=frozenset((_ref(owner),))))
    return objects


def _ref(name: str) -> Ref:
    return Ref("virtual_table", name)


def _is_virtual(sql: str) -> bool:
    return sql[:21].upper().startswith("CREATE VIRTUAL")


def _module(sql: str) -> str:
    words = tokens(sql)
    at = next((at for at, word in enumerate(words) if word.upper() == "USING"), None)
    return unquote(words[at + 1]).lower() if at is not None and at + 1 < len(words) else ""
