"""Clauses of ALTER TABLE for changes of columns.

``MODIFY COLUMN`` repeats the whole definition of a column. A default alone changes by ``ALTER COLUMN``. What no ``MODIFY``
can do (a virtual column that becomes a plain one, or the other way round) is a new column in the place of the old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from dbwarden.core.column_places import ColumnPlace
from dbwarden.core.dialect import Server
from dbwarden.core.model import Check, Column, ForeignKey, Index, Member, PrimaryKey, Schema, Table, column_ref
from dbwarden.core.types import DataType, Ref

from .canonical import TEXTS
from .charsets import bytes_per_character, charset_of
from .online import INSTANT_COLUMNS, AlterClause, Schemas, Work
from .renderer import MySQLRenderer, for_server

_LARGE = frozenset("tinyblob blob mediumblob longblob tinytext text mediumtext longtext json geometry".split())
"""Types that have no literal default."""
_SHORT = 255
"""Bytes of a VARCHAR up to which its length takes one byte."""
_EXTENDED = ("utf8mb3", "utf8mb4")
"""Character sets of which the second has all characters of the first, in the same bytes."""
_HALF = 127
"""Bytes up to which MariaDB (10.4) stores a value in the same way whatever its column may hold."""
_BYTES = {
    "utf8mb4": 4,
    "utf8mb3": 3,
    "utf8": 3,
    "utf16": 4,
    "utf32": 4,
    "ucs2": 2,
    "latin1": 1,
    "ascii": 1,
    "binary": 1,
}


def alter(before: Column, after: Column, table: Ref, schemas: Schemas, server: Server) -> list[AlterClause]:
    """Clauses that turn ``before`` into ``after``, if it is not ``replaced``; none if only the way to write the same thing
    changes."""
    render = for_server(server)
    if done_with_table(before, table, schemas, server):
        return []
    if _only_default(before, after) and (clause := _default(after, render)) is not None:
        return [AlterClause(clause, Work.CATALOGUE)]
    return [AlterClause(modify(after, table, schemas, render), work(before, after, table, schemas, server))]


def modify(column: Column, table: Ref, schemas: Schemas, render: MySQLRenderer) -> str:
    """MODIFY COLUMN, with the check that belongs to the column's definition."""
    checks = (item for item in schemas[1].members(table) if isinstance(item, Check))
    return render.modify_clause(column, [check for check in checks if column.name in _columns_with(check, schemas)])


def _columns_with(check: Check, schemas: Schemas) -> set[str | None]:
    """The column whose definition contains a check, before and after."""
    former = schemas[0].get(check.ref)
    return {check.in_column, former.in_column if isinstance(former, Check) else None}


def modified(name: str, table: Ref, schemas: Schemas) -> bool:
    """Whether a column goes, or changes by MODIFY COLUMN, in which a check of the column is or is not written."""
    before, after = (schema.table(table).columns.get(name) for schema in schemas)
    if before is None or after is None:
        return True
    return before != after and not _only_default(before, after)


def _only_default(before: Column, after: Column) -> bool:
    return before.default != after.default and replace(before, default=after.default) == after


def _default(column: Column, render: MySQLRenderer) -> str | None:
    """ALTER COLUMN for a default that is a literal, or for none; ``None`` for a default that it cannot express."""
    name = render.quote(column.name)
    if column.default is None:
        if not column.nullable:
            return f"ALTER COLUMN {name} DROP DEFAULT"
        return f"ALTER COLUMN {name} SET DEFAULT NULL" if column.type.name not in _LARGE else None
    text = render.expression(column.default.text)
    is_literal = text[:1] in "'-+" or text[:1].isdigit()
    return f"ALTER COLUMN {name} SET DEFAULT {text}" if is_literal else None


# -- generated columns --------------------------------------------------------------------------------------------


def _virtual(column: Column) -> bool:
    return column.computed is not None and not column.computed.stored


def replaced(before: Column, after: Column) -> bool:
    """Whether a new column takes the place of the old one: MODIFY COLUMN makes no column virtual, and no virtual column
    anything else (errors 3106 and 1907)."""
    return _virtual(before) != _virtual(after)


def copies_values(before: Column, after: Column) -> bool:
    """Whether the values of a virtual column have to be copied into the plain column that takes its place."""
    return _virtual(before) and after.computed is None


def spare_name(column: str, word: str, table: Table) -> str:
    """A name that the table does not have, for the time in which there are two columns."""
    name, number = f"{column}_{word}", 0
    while name in table.columns:
        number += 1
        name = f"{column}_{word}{number}"
    return name


def exchange(
    before: Column, added: AlterClause, indexes: Iterable[Member], render: MySQLRenderer
) -> Iterator[AlterClause]:
    """DROP COLUMN and ADD COLUMN of a column that is ``replaced``; the indexes over it are built again."""
    indexes = list(indexes)
    for index in indexes:
        yield AlterClause(render.drop_clause(index), Work.INDEX)
    yield drop(before, render)
    yield added
    for index in indexes:
        yield AlterClause(render.add_clause(index), Work.INDEX)


def indexes_over(column: Column, table: Ref, schemas: Schemas) -> list[Member]:
    """Indexes of both schemas over a column."""
    before, after = schemas
    return [
        item
        for item in after.members(table)
        if isinstance(item, Index) and column.name in item.column_names() and before.get(item.ref) == item
    ]


# -- costs --------------------------------------------------------------------------------------------------------


def add(column: Column, render: MySQLRenderer, place: ColumnPlace | None = None) -> AlterClause:
    """ADD COLUMN, at a place that is not the last one or at the end."""
    if place is not None and _copies_table(column, place.following, render.server):
        cost = Work.COPY
    elif column.identity is not None:
        cost = Work.NUMBER
    elif column.computed is not None:
        cost = Work.VIRTUAL if _virtual(column) else Work.COPY
    else:
        cost = Work.UNKNOWN if column.default is not None and "(" in column.default.text else Work.COLUMN
        if column.default is not None and column.default.text.lower().startswith("current_timestamp"):
            cost = Work.COLUMN
    return AlterClause(render.add_column_clause(column, place), cost)


def is_costly_place(column: Column, following: Sequence[Column], server: Server) -> bool:
    """Whether the table is copied or rebuilt for a new column because others follow it."""
    if column.computed is not None and column.computed.stored:
        return False  # it is copied in any case
    if server.flavour != "mariadb" and () < server.version < INSTANT_COLUMNS and column.computed is None:
        return True
    return _copies_table(column, following, server)


def _copies_table(column: Column, following: Iterable[Column], server: Server) -> bool:
    """Whether only a copy of the table brings a column before others: MariaDB wants one where a virtual column follows,
    MySQL where one virtual column goes before another (error 1846)."""
    return any(map(_virtual, following)) and (server.flavour == "mariadb" or _virtual(column))


def drop(column: Column, render: MySQLRenderer, place: ColumnPlace | None = None) -> AlterClause:
    """DROP COLUMN."""
    cost = Work.VIRTUAL if _virtual(column) else Work.COLUMN
    if cost is Work.VIRTUAL and place is not None and any(map(_virtual, place.following)):
        cost = Work.VIRTUAL_BEFORE
    return AlterClause(render.drop_column_clause(column), cost)


def work(before: Column, after: Column, table: Ref, schemas: Schemas, server: Server) -> Work:
    """What MODIFY COLUMN costs."""
    if before.computed != after.computed:
        mariadb = server.flavour == "mariadb"
        return Work.CATALOGUE if mariadb and _virtual(before) and _virtual(after) else Work.COPY
    charsets = charset(before, table, schemas[0], server), charset(after, table, schemas[1], server)
    costs = [_type_work(before.type, after.type, charsets[1], server)]
    if (before.identity is None) != (after.identity is None):
        costs.append(Work.CATALOGUE if server.flavour == "mariadb" and after.identity is None else Work.COPY)
    if charsets[0] != charsets[1]:
        costs.append(Work.UNKNOWN if None in charsets or charsets == _EXTENDED else Work.COPY)
    if before.collation != after.collation or _inherited(before, table, schemas[0]) != _inherited(
        after, table, schemas[1]
    ):
        inherited = before.collation is None and after.collation is None
        costs.append(_collation_work(before, table, schemas[0], server, inherited))
    if before.nullable != after.nullable:
        costs.append(Work.COPY if _takes_moments(before, after, server) else Work.REBUILD)
    if before.options.get("srid") != after.options.get("srid"):
        costs.append(Work.UNKNOWN)
    if Work.COPY in costs:
        return Work.COPY
    parts = set(costs) - {Work.CATALOGUE}
    return parts.pop() if len(parts) == 1 else Work.UNKNOWN if parts else Work.CATALOGUE


def _takes_moments(before: Column, after: Column, server: Server) -> bool:
    """Whether NULLs would become moments, which MariaDB does not do in place (error 1846)."""
    default = after.default.text.lower() if after.default is not None else ""
    varies = after.type.name == "timestamp" or default.startswith("current_timestamp") or "(" in default
    return server.flavour == "mariadb" and before.nullable and varies


def _collation_work(column: Column, table: Ref, schema: Schema, server: Server, inherited: bool) -> Work:
    """What another collation costs; indexes over the column are sorted anew, and where it is ``inherited`` from the table MariaDB
    wants ALGORITHM=NOCOPY even without one (error 1846)."""
    over = [item for item in schema.members(table) if isinstance(item, PrimaryKey | Index)]
    over = [item for item in over if column.name in item.column_names()]
    if not over:
        return Work.INDEX if server.flavour == "mariadb" and inherited else Work.COLLATE
    if server.flavour != "mariadb":
        return Work.COPY
    if any(isinstance(item, PrimaryKey) for item in over):
        return Work.UNKNOWN
    searched = any(isinstance(item, Index) and item.method == "fulltext" for item in over)
    return Work.SPECIAL_INDEX if searched else Work.INDEX


def _inherited(column: Column, table: Ref, schema: Schema) -> str | None:
    owner = schema.get(table)
    if column.collation is not None or not isinstance(owner, Table) or column.type.name not in TEXTS:
        return column.collation
    return owner.options.get("collate")


def charset(column: Column, table: Ref, schema: Schema, server: Server) -> str | None:
    """The character set of a column: its own, its table's or the database's; ``None`` if that is not known."""
    if column.type.name not in TEXTS:
        return "binary"
    owner = schema.get(table)
    inherited = owner.options.get("charset") if isinstance(owner, Table) else None
    if column.options.get("charset") is None and column.collation is not None:
        return charset_of(column.collation)
    return column.options.get("charset") or inherited or server.settings.get("charset")


def _type_work(before: DataType, after: DataType, charset_: str | None, server: Server) -> Work:
    if before == after:
        return Work.CATALOGUE
    if before.name == after.name and before.name in ("enum", "set"):
        longer = after.args[: len(before.args)] == before.args and _bytes_of(before) == _bytes_of(after)
        return Work.CATALOGUE if longer else Work.COPY
    if before.name == after.name and before.name in ("varchar", "varbinary"):
        return _longer(before, after, charset_, server)
    return Work.COPY


def _bytes_of(datatype: DataType) -> int:
    """Bytes that a value of an enum or set takes."""
    if datatype.name == "enum":
        return 1 if len(datatype.args) <= _SHORT else 2
    return next((size for size in (1, 2, 3, 4) if len(datatype.args) <= 8 * size), 8)


def _longer(before: DataType, after: DataType, charset_: str | None, server: Server) -> Work:
    old, new = (int(one.args[0]) if one.args and one.args[0].isdigit() else 0 for one in (before, after))
    if new < old:
        return Work.COPY
    width = 1 if before.name == "varbinary" else bytes_per_character(charset_) if charset_ else None
    if width is None:
        return Work.UNKNOWN
    if server.flavour == "mariadb" and old * width <= _HALF:
        return Work.WIDEN
    return Work.WIDEN if (old * width > _SHORT) == (new * width > _SHORT) else Work.COPY


# -- a table's character set --------------------------------------------------------------------------------------


def follows_table(column: Column) -> bool:
    """Whether a column has the character set and collation of its table."""
    return column.type.name in TEXTS and column.options.get("charset") is None and column.collation is None


def table_charset_changes(table: Ref, schemas: Schemas) -> bool:
    """Whether the character set or collation of a table that exists changes."""
    old, new = (schema.get(table) for schema in schemas)
    if not isinstance(old, Table) or not isinstance(new, Table):
        return False
    return any(old.options.get(key) != new.options.get(key) for key in ("charset", "collate"))


def done_with_table(column: Column, table: Ref, schemas: Schemas, server: Server) -> bool:
    """Whether the statement that changes the table's character set already gives the column its new definition."""
    after = schemas[1].get(table)
    wanted = after.columns.get(column.name) if isinstance(after, Table) else None
    return wanted is not None and table_charset_changes(table, schemas) and follows_table(wanted)


# -- foreign keys -------------------------------------------------------------------------------------------------


def blocking_keys(before: Column, after: Column, table: Ref, schemas: Schemas, server: Server) -> frozenset[Ref]:
    """Foreign keys that have to go before the column changes (errors 1832, 1833 and 3780), on both sides.

    A rollback drops and adds them too, so that they are those that either direction needs gone.
    """
    keys = refusing_keys(before, after, table, schemas, server)
    return frozenset(ref for ref in keys if all(schema.get(ref) is not None for schema in schemas))


def refusing_keys(before: Column, after: Column, table: Ref, schemas: Schemas, server: Server) -> frozenset[Ref]:
    """Foreign keys of either schema that must not be there while the column changes, in either direction."""
    backwards = after, before, table, schemas[::-1], server
    if not _blocked(before, after, table, schemas, server) and not _blocked(*backwards):
        return frozenset()
    column = column_ref(table, before.name)
    keys = [
        *(item for schema in schemas for item in schema.members(table) if isinstance(item, ForeignKey)),
        *(key for schema in schemas for key in schema.referrers(table)),
    ]
    return frozenset(key.ref for key in keys if column in key.uses())


def _blocked(before: Column, after: Column, table: Ref, schemas: Schemas, server: Server) -> bool:
    charsets = charset(before, table, schemas[0], server), charset(after, table, schemas[1], server)
    if charsets[0] != charsets[1] or _inherited(before, table, schemas[0]) != _inherited(after, table, schemas[1]):
        return True
    if replaced(before, after) or (before.identity is None) != (after.identity is None):
        return True
    if before.type == after.type:
        return False
    widens = _type_work(before.type, after.type, charsets[1], server) is Work.WIDEN
    return not widens or server.flavour == "mariadb"
