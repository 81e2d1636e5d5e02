"""Changes joined to match the statements of ClickHouse.

1. ORDER BY gets columns only in the statement that adds them.
2. A view, dictionary or function with another definition is replaced, and a materialized view with another query or refresh
   is altered, not dropped and created.
3. Columns that are added, dropped or retyped one after the other share a statement: each of them is one mutation, and the
   rows are rewritten once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dbwarden.core.change import Add, Alter, Change, Drop, Rename
from dbwarden.core.ddl.cursor import Cursor, cursor
from dbwarden.core.model import Column, Definition, Schema, Table
from dbwarden.core.order import fold
from dbwarden.core.tokens import mentioned_columns
from dbwarden.core.types import Expression, Ref

from .definitions import replaceable
from .expressions import key_parts
from .rebuild_changes import join
from .words import LEXICAL_RULES, NAMES, name_of

_JOINABLE = (("ADD", "COLUMN"), ("DROP", "COLUMN"), ("MODIFY", "COLUMN"), ("COMMENT", "COLUMN"))


def regroup(changes: Sequence[Change], before: Schema, after: Schema) -> Sequence[Change]:
    """The ordered changes, those of one statement joined."""
    folded = list(_without_what_renames_do(fold(changes)))
    return list(_with_replacements(join(_with_keys(folded, before, after), before, after)))


# -- renames ----------------------------------------------------------------------------------------------------------


def _without_what_renames_do(changes: Sequence[Change]) -> Iterator[Change]:
    """Changes without those of defaults and TTLs in which the server itself writes the new names of columns."""
    renames = [change for change in changes if isinstance(change, Rename) and change.old.kind == "column"]
    for change in changes:
        if renames and isinstance(change, Alter) and isinstance(change.before, Table | Column):
            before = change.before
            for rename in renames:
                if rename.new.owner == (change.on or change.ref):
                    before = _with_name(before, rename.old.name, rename.new.name)
            if before == change.after:
                continue
            change = replace(change, before=before)
        yield change


def _with_name(item: Table | Column, old: str, new: str) -> Table | Column:
    """A table or column whose expressions have the new name of a column."""
    texts = {key: _renamed(value, old, new) for key, value in item.options if key in ("ttl", "sample_by")}
    options = item.options.with_(**texts)
    if isinstance(item, Column) and item.default is not None:
        return replace(item, options=options, default=item.default.renamed(old, new))
    return replace(item, options=options)


def _renamed(text: str, old: str, new: str) -> str:
    return Expression(text, names=NAMES).renamed(old, new).text


# -- keys -------------------------------------------------------------------------------------------------------------


def _with_keys(changes: Sequence[Change], before: Schema, after: Schema) -> list[Change]:
    """Changes with the new columns of a sorting key, or those that leave it, in the change of the table."""
    joined: dict[int, Alter] = {}
    gone: set[int] = set()
    for at, change in enumerate(changes):
        if not isinstance(change, Alter) or not isinstance(change.after, Table) or not isinstance(change.before, Table):
            continue
        if change.before.options.get("order_by") == change.after.options.get("order_by"):
            continue
        joined[at] = _with_primary_key(change)
        columns = [
            number
            for number, other in enumerate(changes)
            if isinstance(other, Add | Drop) and isinstance(other.object, Column) and other.on == change.ref
            if _in_key(other.object.name, isinstance(other, Add), joined[at])
        ]
        if columns:
            gone.update(columns)
            joined[at] = _joined(joined[at], [changes[number] for number in columns])
    return [part for at, change in enumerate(changes) if at not in gone for part in _parts(joined.get(at, change))]


def _with_primary_key(change: Alter) -> Alter:
    """The change of a sorting key, which leaves the primary key as it was."""
    before, after = change.before, change.after
    assert isinstance(before, Table) and isinstance(after, Table)
    primary = before.options.get("primary_key") or before.options.get("order_by")
    if after.options.get("primary_key") is not None or len(key_parts(after.options.get("order_by") or "")) < len(
        key_parts(before.options.get("order_by") or "")
    ):
        return change
    return replace(change, after=replace(after, options=after.options.with_(primary_key=primary)))


def _in_key(name: str, is_new: bool, change: Alter) -> bool:
    """Whether a new column is part of the new sorting key, or a dropped one of the old key."""
    table = change.after if is_new else change.before
    assert isinstance(table, Table)
    return bool(mentioned_columns(table.options.get("order_by") or "", (name,), LEXICAL_RULES))


def _joined(change: Alter, columns: Sequence[Change]) -> Alter:
    assert isinstance(change.before, Table) and isinstance(change.after, Table)
    old, new = dict(change.before.columns), dict(change.before.columns)
    for other in columns:
        if isinstance(other, Add) and isinstance(other.object, Column):
            new[other.object.name] = other.object
            old.pop(other.object.name, None)
        elif isinstance(other, Drop) and isinstance(other.object, Column):
            new.pop(other.object.name, None)
    return Alter(replace(change.before, columns=old), replace(change.after, columns=new))


def _parts(change: Change) -> Iterator[Change]:
    """A joined change, with what has nothing to do with the key in a change of its own."""
    if not (isinstance(change, Alter) and change.rebuild):
        yield change
        return
    before, after = change.before, change.after
    assert isinstance(before, Table) and isinstance(after, Table)
    keyed = replace(
        after,
        options=before.options.with_(**{key: after.options.get(key) for key in ("order_by", "primary_key")}),
        comment=before.comment,
    )
    yield Alter(before, keyed)
    if not keyed.same_frame(after):
        yield Alter(keyed, after)


# -- views ------------------------------------------------------------------------------------------------------------


def _with_replacements(changes: Sequence[Change]) -> Iterator[Change]:
    """Changes in which a view, dictionary or function with another definition is altered where a statement can do that."""
    added = {
        change.ref: change.object
        for change in changes
        if isinstance(change, Add) and isinstance(change.object, Definition)
    }
    altered: dict[Ref, Alter] = {}
    for change in changes:
        if isinstance(change, Drop) and isinstance(change.object, Definition):
            item = added.get(change.ref)
            if item is not None and replaceable(change.object, item):
                altered[change.ref] = Alter(change.object, item)
                if item.kind == "function":  # before what calls it: a definition gets the body as it is then
                    yield altered[change.ref]
                continue
        if isinstance(change, Add) and change.ref in altered:
            if change.ref.kind != "function":
                yield altered[change.ref]
            continue
        yield change


# -- statements -------------------------------------------------------------------------------------------------------


def merge_statements(statements: Sequence[str]) -> Sequence[str]:
    """Statements with neighbouring clauses of one kind on columns of one table joined."""
    merged: list[str] = []
    group: list[tuple[str, str, str]] = []
    for sql in statements:
        clause = _clause(sql)
        if clause is None or (group and (clause[0] != group[-1][0] or clause[1] in {name for _, name, _ in group})):
            merged += _written(group)
            group = []
        if clause is None:
            merged.append(sql)
        else:
            group.append(clause)
    return [*merged, *_written(group)]


def _clause(sql: str) -> tuple[str, str, str] | None:
    """Table and kind of clause, name of the column, and text of a statement with one clause that can be joined."""
    if not sql.startswith("ALTER TABLE ") or "\n" in sql:
        return None
    at: Cursor = cursor(sql, LEXICAL_RULES)
    at.at = 2
    at.name()
    if at.skip("."):
        at.name()
    start = at.token()
    if start is None:
        return None
    words = next((words for words in _JOINABLE if at.skip(*words)), None)
    token = at.token()
    if words is None or token is None:
        return None
    return f"{sql[: start.start].strip()} {words[0]}", name_of(token.text), sql[start.start :]


def _written(group: Sequence[tuple[str, str, str]]) -> list[str]:
    if not group:
        return []
    table = group[0][0].rpartition(" ")[0]
    if len(group) == 1:
        return [f"{table} {group[0][2]}"]
    return [table + "\n" + ",\n".join(f"    {text}" for _, _, text in group)]
