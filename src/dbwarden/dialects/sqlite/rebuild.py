"""Rebuild of a table, for changes that ALTER TABLE cannot make.

``regroup`` joins all changes of a table into one ``Alter`` if one of them needs a rebuild. ``statements`` prints it,
following https://www.sqlite.org/lang_altertable.html ("Making Other Kinds Of Table Schema Changes"):

1. ``PRAGMA foreign_keys = OFF``, so that DROP TABLE does not delete the rows that refer to the table. It has no effect
   inside a transaction: the transaction hooks run it before BEGIN, and check all foreign keys before COMMIT.
2. CREATE TABLE under an interim name, with the new columns and constraints.
3. INSERT ... SELECT of the columns that both tables have. Values are copied without CAST, which would turn a text that is
   not a number into 0; SQLite converts them to the affinity of the new column. Rowids are copied too.
4. For AUTOINCREMENT, copy the counter.
5. DROP TABLE, which also drops the indexes and triggers.
6. RENAME the new table, between ``PRAGMA legacy_alter_table = ON`` and ``OFF``. Without it, SQLite (3.26 and later) refuses
   while a view or trigger mentions the dropped table. So these need not be dropped, and stay as they are.
7. Create indexes and triggers again, and switch foreign keys on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dbwarden.core.change import Add, Alter, Change, Drop, Rename
from dbwarden.core.dialect import INTERIM_PREFIX
from dbwarden.core.model import (
    Check,
    Column,
    Definition,
    ForeignKey,
    Index,
    Member,
    Object,
    PrimaryKey,
    Schema,
    Table,
    column_ref,
)
from dbwarden.core.order import fold, part_key
from dbwarden.core.sqltext import fold_case
from dbwarden.core.types import Ref
from dbwarden.dialects.base.names import literal
from dbwarden.dialects.base.renderer import fill_placeholder
from dbwarden.errors import Unsupported

from .canonical import rowid_alias
from .renderer import default, is_constant, render
from .words import mentioned_words, quote

NO_FILLS: Mapping[Ref, str | None] = {}
DROP_COLUMN_SINCE = (3, 35)


def regroup(changes: Sequence[Change], before: Schema, after: Schema, version: tuple[int, ...]) -> tuple[Change, ...]:
    """Move members of new tables into their CREATE TABLE, and join all changes of an existing table that needs a rebuild.

    A rebuild is an ``Alter`` of the table with all its constraints, indexes and triggers before (``dropped``) and after
    (``added``), so that it can be printed and inverted by itself.
    """
    folded = _with_references(fold(changes, inline="all"), before)
    if all(_altered_table(change) is None for change in folded):
        return tuple(folded)
    by_table = _group_by_table(folded, before, version)
    return tuple(_joined(folded, before, after, by_table))


# -- choosing between ALTER TABLE and a rebuild -------------------------------------------------------------------


@dataclass(slots=True)
class _Group:
    """Changes of one existing table: their positions, and whether ALTER TABLE can make all of them."""

    places: list[int] = field(default_factory=list)
    plain: bool = True


def _group_by_table(changes: Sequence[Change], before: Schema, version: tuple[int, ...]) -> dict[Ref, _Group]:
    running = before
    groups: dict[Ref, _Group] = {}
    for at, change in enumerate(changes):
        table = _altered_table(change)
        if table is not None:
            group = groups.setdefault(table, _Group())
            group.places.append(at)
            group.plain = group.plain and _is_plain(change, running, version)
        running = _schema_after(change, running)
    return groups


def _schema_after(change: Change, running: Schema) -> Schema:
    """The schema after a change of an existing table; the addition or removal of a whole table is ignored."""
    whole = isinstance(change, Add | Drop) and isinstance(change.object, Table)
    return running if whole else change.apply(running)


def _altered_table(change: Change) -> Ref | None:
    """The existing table that a change alters; ``None`` for whole tables, renames and definitions."""
    match change:
        case Add(Column(), on=Ref() as table) | Drop(Column(), on=Ref() as table) | Alter(Column(), on=Ref() as table):
            return table
        case Add(Member() as member) | Drop(Member() as member):
            return member.table
        case Alter(Table() as table):
            return table.ref
    return None


def _is_plain(change: Change, running: Schema, version: tuple[int, ...]) -> bool:
    match change:
        case Add(Index()) | Drop(Index()):
            return True
        case Add(Column() as column, parts=parts):
            return _can_drop(version) and addable(column, parts)
        case Drop(Column() as column, on=Ref() as table):
            known = _can_drop(version) and addable(column, ())
            return known and not _is_used(column.name, running.table(table), running)
    return False


def _can_drop(version: tuple[int, ...]) -> bool:
    # Without DROP COLUMN, ADD COLUMN could not be rolled back: both then need a rebuild.
    return not version or version >= DROP_COLUMN_SINCE


def addable(column: Column, parts: Iterable[Object]) -> bool:
    """Whether ALTER TABLE ADD COLUMN accepts the column with these constraints."""
    if column.computed is not None:
        return not column.computed.stored and column.nullable
    if column.default is not None and not is_constant(column.default.text):
        return False
    if not column.nullable and (column.default is None or column.default.text.strip().lower() == "null"):
        return False
    refers = any(isinstance(part, ForeignKey) for part in parts)
    return not refers or (column.nullable and column.default is None)


def _is_used(name: str, table: Table, schema: Schema) -> bool:
    """Whether DROP COLUMN would fail because the table or a foreign key to it uses the column, or it is the only one.
    SQLite itself checks views."""
    for member in schema.members(table.ref):
        if isinstance(member, Member) and (name in member.column_names() or fold_case(name) in _words(member)):
            return True
    for column in table.columns.values():
        if column.computed and fold_case(name) in mentioned_words(column.computed.expression.text):
            return True
    return any(name in key.ref_columns for key in schema.referrers(table.ref)) or len(table.columns) == 1


def _words(member: Member) -> frozenset[str]:
    match member:
        case Check():
            return mentioned_words(member.expression.text)
        case Index():
            texts = [element.expression.text for element in member.elements if element.expression is not None]
            texts += [member.where.text] if member.where is not None else []
            return frozenset().union(*(mentioned_words(text) for text in texts))
    return frozenset()


def _with_references(changes: Sequence[Change], before: Schema) -> list[Change]:
    """Move a new foreign key or check of one new column into its ADD COLUMN (``ADD COLUMN ... REFERENCES ...``)."""
    columns = {
        change.ref: at
        for at, change in enumerate(changes)
        if isinstance(change, Add) and isinstance(change.object, Column)
    }
    merged = list(changes)
    taken: set[int] = set()
    for at, change in enumerate(changes):
        home = columns.get(_inline_column(change))
        if home is None:
            continue
        column = merged[home]
        assert isinstance(column, Add) and isinstance(change, Add) and isinstance(column.object, Column)
        parts = (*column.parts, change.object)
        if addable(column.object, parts):
            merged[home] = replace(column, parts=parts)
            taken.add(at)
    return [change for at, change in enumerate(merged) if at not in taken]


def _inline_column(change: Change) -> Ref:
    """Column whose definition could include a new constraint; an empty reference if there is none."""
    match change:
        case Add(ForeignKey(columns=(column,)) as key):
            return Ref("column", column, key.table.schema, key.table.name)
        case Add(Check(columns=(column,), options=options) as check) if not options:
            return Ref("column", column, check.table.schema, check.table.name)
    return Ref("", "")


# -- joining changes ----------------------------------------------------------------------------------------------


def _joined(changes: Sequence[Change], before: Schema, after: Schema, groups: dict[Ref, _Group]) -> Iterator[Change]:
    rebuilt = {table: group.places[-1] for table, group in groups.items() if not group.plain}
    running = before
    for at, change in enumerate(changes):
        table = _altered_table(change)
        if table in rebuilt:
            if at != rebuilt[table]:
                continue
            change = _rebuild(
                table, running, after, [earlier for earlier in changes[:at] if isinstance(earlier, Rename)]
            )
        running = _schema_after(change, running)
        yield change


def _rebuild(table: Ref, running: Schema, after: Schema, renames: Sequence[Rename]) -> Alter:
    names_before = {table, *(rename.old for rename in renames if rename.new == table)}
    attached = [item for name in sorted(names_before) for item in running.members(name)]
    triggers = tuple(_rewritten_trigger(item, table, renames) for item in attached if isinstance(item, Definition))
    former = sorted((item for item in attached if isinstance(item, Member)), key=part_key)
    wanted = sorted((item for item in after.members(table) if isinstance(item, Member)), key=part_key)
    return Alter(running.table(table), after.table(table), dropped=(*former, *triggers), added=(*wanted, *triggers))


def _rewritten_trigger(trigger: Definition, table: Ref, renames: Sequence[Rename]) -> Definition:
    """The trigger as earlier renames leave it: SQLite rewrites its text."""
    for rename in renames:
        trigger = replace(trigger, sql=trigger.sql.renamed(rename.old.name, rename.new.name))
    return replace(trigger, on=table)


# -- the statements -----------------------------------------------------------------------------------------------


def statements(
    old: Table,
    new: Table,
    dropped: Sequence[Object],
    added: Sequence[Object],
    fills: Mapping[Ref, str | None] = NO_FILLS,
) -> tuple[str, ...]:
    """Statements that rebuild ``old`` as ``new``, with exactly the constraints, indexes and triggers ``added``.

    ``fills`` are values for columns that become NOT NULL (see ``Prefs.fills``). Raises ``Unsupported`` if no column
    remains.
    """
    interim = INTERIM_PREFIX + new.name
    indexes = [item for item in added if isinstance(item, Index)]
    constraints = [item for item in added if isinstance(item, Member) and not isinstance(item, Index)]
    triggers = sorted((item for item in added if isinstance(item, Definition)), key=lambda item: item.name)
    return (
        "PRAGMA foreign_keys = OFF",
        render.create_table(new, constraints, name=interim),
        _copy(_Side(old, _key(dropped)), _Side(new, _key(added)), interim, fills),
        *_counter(old, new, interim),
        f"DROP TABLE {quote(old.name)}",
        "PRAGMA legacy_alter_table = ON",
        f"ALTER TABLE {quote(interim)} RENAME TO {quote(new.name)}",
        "PRAGMA legacy_alter_table = OFF",
        *(render.index(index) for index in sorted(indexes, key=part_key)),
        *(sql for trigger in triggers for sql in render.create_definition(trigger)),
        "PRAGMA foreign_keys = ON",
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """The old or new table, with its primary key."""

    table: Table
    key: PrimaryKey | None

    @property
    def has_rowid(self) -> bool:
        return self.table.options.get("with_rowid") != "false"

    @property
    def alias(self) -> str | None:
        return rowid_alias(self.table, self.key)


def _key(members: Iterable[Object]) -> PrimaryKey | None:
    return next((item for item in members if isinstance(item, PrimaryKey)), None)


def _copy(old: _Side, new: _Side, interim: str, fills: Mapping[Ref, str | None]) -> str:
    """INSERT ... SELECT of the columns that both tables have; other columns get their fill or default."""
    common = [name for name in new.table.columns if name in old.table.columns]
    common = [name for name in common if new.table.columns[name].computed is None]
    targets = [quote(name) for name in common]
    table_fills = {ref.name: text for ref, text in fills.items() if ref.table == new.table.name}
    sources = [_source(old.table.columns[name], new.table.columns[name], table_fills.get(name)) for name in common]
    for name, text in table_fills.items():
        if name not in common and name in new.table.columns and text is not None:
            targets.append(quote(name))
            sources.append(f"({text})")
    rowid = _rowid(old, new)
    if rowid is not None:
        targets.insert(0, rowid)
        sources.insert(0, rowid)
    if not targets:
        raise Unsupported(
            feature=f"replacing every column of {old.table.name}",
            dialect="SQLite",
            reason="no row could be carried over",
        )
    table = quote(old.table.name)
    missing = [column_ref(new.table.ref, name) for name, text in table_fills.items() if text is None]
    marks = "".join(f"{fill_placeholder(ref)}\n-- Its value belongs in the SELECT below.\n" for ref in missing)
    return f"{marks}INSERT INTO {quote(interim)} ({', '.join(targets)})\nSELECT {', '.join(sources)}\nFROM {table}"


def _source(old: Column, new: Column, fill: str | None = None) -> str:
    """The old value, with the fill or default in place of NULL if the new column is NOT NULL."""
    if fill is not None:
        return f"coalesce({quote(old.name)}, ({fill}))"
    if old.nullable and not new.nullable and new.default is not None:
        return f"coalesce({quote(old.name)}, {default(new.default.text)})"
    return quote(old.name)


def _rowid(old: _Side, new: _Side) -> str | None:
    """Name by which the rowid can be copied; ``None`` if a table has none, or a column of the new table is the rowid."""
    if not (old.has_rowid and new.has_rowid) or new.alias is not None:
        return None
    taken = {fold_case(name) for name in (*old.table.columns, *new.table.columns)}
    return next((word for word in ("rowid", "_rowid_", "oid") if word not in taken), None)


def _counter(old: Table, new: Table, interim: str) -> Iterator[str]:
    """Copy the counter of AUTOINCREMENT, so that the number of a deleted row is never used again."""
    if old.options.get("autoincrement") == new.options.get("autoincrement") == "true":
        yield f"DELETE FROM sqlite_sequence WHERE name = {literal(interim)}"
        yield (
            f"INSERT INTO sqlite_sequence (name, seq)\nSELECT {literal(interim)}, seq\n"
            f"FROM sqlite_sequence\nWHERE name = {literal(old.name)}"
        )
