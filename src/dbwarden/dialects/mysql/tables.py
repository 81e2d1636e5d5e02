"""Changes of a table itself: options, comment, character set, system versioning, partitions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dbwarden.core.dialect import Prefs, Server
from dbwarden.core.model import Column, Table
from dbwarden.core.sqltext import definitions

from . import columns, online
from .online import AlterClause, Schemas, Work
from .renderer import MySQLRenderer, for_server
from .words import LEXICAL_RULES

_DEFAULTS = {
    "engine": "InnoDB",
    "row_format": "DEFAULT",
    "stats_persistent": "DEFAULT",
    "stats_auto_recalc": "DEFAULT",
    "stats_sample_pages": "DEFAULT",
    "pack_keys": "DEFAULT",
    "encryption": "N",
    "compression": "",
    "page_compressed": "0",
    "encrypted": "DEFAULT",
    "insert_method": "NO",
    "transactional": "DEFAULT",
    "page_compression_level": "DEFAULT",
    "encryption_key_id": "DEFAULT",
    "connection": "",
    "tablespace": "innodb_file_per_table",
}
"""Values that take an option away; 0 for all others."""
_REBUILDING = frozenset(
    "row_format key_block_size page_compressed page_compression_level encrypted encryption_key_id".split()
)
_LIGHT = frozenset("stats_persistent stats_auto_recalc stats_sample_pages auto_increment avg_row_length".split())
_CHARSET = ("charset", "collate")
_APART = frozenset((*_CHARSET, "partition_by", "system_versioning", "periods"))
_LARGE_TEXT = frozenset("tinytext text mediumtext longtext".split())
_PARTITION = re.compile(r"PARTITION\s+(`(?:[^`]|``)+`|\w+)", re.IGNORECASE)


def alter(before: Table, after: Table, schemas: Schemas, server: Server) -> list[AlterClause]:
    """Clauses that change the options and the comment of a table."""
    render = for_server(server)
    old, new = dict(before.options), dict(after.options)
    clauses = [
        AlterClause(render.table_option(key, _value(key, new)), _work(key))
        for key in sorted({*old, *new} - _APART)
        if old.get(key) != new.get(key) and not (key == "auto_increment" and key not in new)
    ]
    clauses += _charset(before, after, schemas, server)
    if old.get("system_versioning") != new.get("system_versioning"):
        verb = "ADD" if new.get("system_versioning") == "true" else "DROP"
        clauses.append(AlterClause(f"{verb} SYSTEM VERSIONING", Work.COPY))
    if before.comment != after.comment:
        clauses.append(AlterClause(f"COMMENT={render.literal(after.comment or '')}", Work.DEFINITION))
    return clauses


def _value(key: str, options: Mapping[str, str]) -> str:
    return options.get(key, _DEFAULTS.get(key, "0"))


def leaves_page_checksum(before: Table, after: Table) -> bool:
    """Whether a table that leaves Aria keeps Aria's PAGE_CHECKSUM=1, which only a statement behind that one removes."""
    engines = [(table.options.get("engine") or "").lower() for table in (before, after)]
    return engines[0] == "aria" != engines[1] and after.options.get("page_checksum") is None


def _work(key: str) -> Work:
    if key in _REBUILDING:
        return Work.REBUILD
    return Work.DEFINITION if key in _LIGHT else Work.COPY if key == "engine" else Work.UNKNOWN


# -- character sets -----------------------------------------------------------------------------------------------


def _charset(before: Table, after: Table, schemas: Schemas, server: Server) -> Iterator[AlterClause]:
    """A new character set or collation, for the table and for the columns that follow it.

    ``CONVERT TO`` would also change the columns that have their own, and make MEDIUMTEXT of TEXT if characters need more
    bytes; there the columns that follow the table are written out.
    """
    if not columns.table_charset_changes(after.ref, schemas):
        return
    render = for_server(server)
    settings = server.settings
    named = after.options.get("charset"), after.options.get("collate")
    charset = named[0] or (named[1] or "").partition("_")[0] or settings.get("charset")
    collation = named[1] or (settings.get("collation") if named[0] is None else None)
    if charset is None:
        raise render.unsupported(f"the default character set for {after.ref}", "connect to the database, or name one")
    target = schemas[1].table(after.ref)
    existing = schemas[0].table(after.ref).columns
    following = [
        column for name, column in target.columns.items() if columns.follows_table(column) and name in existing
    ]
    costs = [columns.work(existing[one.name], one, after.ref, schemas, server) for one in following]
    cost = max(costs, key=list(Work).index, default=Work.DEFINITION)
    own = [column for column in target.columns.values() if _has_charset(column, server)]
    large = any(column.type.name in _LARGE_TEXT for column in following)
    if following and not own and not large and all(existing[one.name] == one for one in following):
        text = f"CONVERT TO CHARACTER SET {charset}" + (f" COLLATE {collation}" if collation else "")
        yield AlterClause(text, cost)
        return
    text = f"DEFAULT CHARSET={charset}" + (f" COLLATE={collation}" if collation else "")
    yield AlterClause(text, Work.DEFINITION)
    for column in following:
        yield AlterClause(columns.modify(column, after.ref, schemas, render), cost)


def _has_charset(column: Column, server: Server) -> bool:
    """Whether a column has a character set of its own. MariaDB's JSON is text in utf8mb4, which CONVERT TO would change."""
    json = server.flavour == "mariadb" and column.type.name == "json"
    return bool(json or column.options.get("charset") or column.collation)


# -- partitions ---------------------------------------------------------------------------------------------------


def partitions(before: Table, after: Table, schemas: Schemas, prefs: Prefs, server: Server) -> tuple[str, ...]:
    """ALTER TABLE for another partitioning: ADD or DROP PARTITION where only partitions at the end come or any go."""
    old, new = before.options.get("partition_by"), after.options.get("partition_by")
    if old == new:
        return ()
    render = for_server(server)
    head = f"ALTER TABLE {render.of(after.ref)}"
    guarantee = online.guarantee([AlterClause("", Work.COPY)], after.ref, schemas, server) if prefs.online else ""
    copied = f" {guarantee}" if guarantee else ""
    if new is None:
        return (f"{head}{copied} REMOVE PARTITIONING",)
    changed = _partitions_changed(old, new) if old is not None else None
    if changed is None:
        return (f"{head}{copied}\nPARTITION BY {new}",)
    return tuple(_changed(head, changed, render, prefs.online))


def _changed(head: str, changed: tuple[list[str], list[str]], render: MySQLRenderer, is_online: bool) -> Iterator[str]:
    gone, added = changed
    guarantee = "ALGORITHM=INPLACE, LOCK=NONE, " if is_online and not render.mariadb else ""
    if gone:
        yield f"{head} {guarantee}DROP PARTITION {', '.join(gone)}"
    if added:
        lines = ",\n".join(f"    {one}" for one in added)
        yield f"{head} {guarantee}ADD PARTITION (\n{lines}\n)"


def _partitions_changed(old: str, new: str) -> tuple[list[str], list[str]] | None:
    """Names of the partitions to drop, and definitions of those to add; ``None`` if the table must be partitioned anew."""
    (before_head, before), (after_head, after) = _split(old), _split(new)
    if before_head != after_head or not before or not after:
        return None
    existing = [name for name in before if name in after]
    gone = [name for name in before if name not in after]
    added = [name for name in after if name not in before]
    if not before_head.lower().startswith(("range", "list")) or not existing:
        return None
    same = all(before[name] == after[name] for name in existing)
    at_end = list(after)[: len(existing)] == existing
    return (gone, [after[name] for name in added]) if same and at_end else None


def _split(clause: str) -> tuple[str, dict[str, str]]:
    """The method of a partitioning, and its partitions by name."""
    opening = next((match.start() for match in re.finditer(r"\(\s*PARTITION\b", clause, re.IGNORECASE)), None)
    if opening is None:
        return clause, {}
    parts, _ = definitions(clause[opening:], LEXICAL_RULES)
    named = ((match[1], part) for part in parts if (match := _PARTITION.match(part)))
    return clause[:opening].strip(), dict(named)
