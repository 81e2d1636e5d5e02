"""Schema -> Schema as SQLite would report it: what it has no word for is gone, expressions have keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    Definition,
    ForeignKey,
    Index,
    IndexElement,
    Object,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from dbwarden.core.options import NO_OPTIONS, Options
from dbwarden.core.types import Expression, Ref, fold_case
from dbwarden.errors import Unsupported

from .grammar import read_element
from .options import COLUMN, TABLE, conflict, flags
from .words import bare, expression, expression_key

_HELD_ELSEWHERE = ("on_conflict_primary_key", "on_conflict_unique")


def canonical(schema: Schema) -> Schema:
    """``schema`` as ``inspect`` would return it; raises ``Unsupported`` for tables in another namespace, and for names that
    SQLite does not tell apart.

    Namespaces, sequences, extensions, enums and domains have no counterpart and go: the columns hold the plain types.
    """
    keys = {item.table: item for item in schema.objects() if isinstance(item, PrimaryKey)}
    _refuse_twins("tables", (item.name for item in schema.objects() if isinstance(item, Table)))
    return Schema(_objects(schema, keys))


def _objects(schema: Schema, keys: dict[Ref, PrimaryKey]) -> Iterator[Object]:
    for item in schema.objects():
        match item:
            case Table():
                yield _table(item, keys.get(item.ref))
            case PrimaryKey():
                yield _key(item, _conflict_of(schema, item, "on_conflict_primary_key"))
            case Unique():
                yield _key(item, _conflict_of(schema, item, "on_conflict_unique"))
            case Check():
                yield _check(item)
            case ForeignKey():
                if item.ref_table.schema == item.table.schema:
                    yield _foreign_key(item, keys)
            case Index():
                yield _index(item)
            case Definition():
                yield replace(item, sql=keyed(item.sql))
            case _:
                continue


def _refuse_twins(what: str, names: Iterable[str]) -> None:
    """Two names that differ in their case alone are one name: https://www.sqlite.org/lang_keywords.html."""
    spelled: dict[str, str] = {}
    for name in names:
        other = spelled.setdefault(fold_case(name), name)
        if other != name:
            raise Unsupported(
                what=f"{what} {other!r} and {name!r}",
                dialect="SQLite",
                reason="it compares names without regard to case, so both are one name",
                hint="Give one of them another name.",
            )


def keyed(given: Expression) -> Expression:
    """The expression with the key by which SQLite's spellings of it compare."""
    found = expression(given.text)
    return given if given.names.caseless and found.key == given.key else found


def _table(table: Table, key: PrimaryKey | None) -> Table:
    if table.schema not in (None, "main"):
        raise Unsupported(
            what=f"schema {table.schema!r} of table {table.name!r}",
            dialect="SQLite",
            reason="a database file has no schemas",
            hint="Remove schema= from the model for this database.",
        )
    _refuse_twins(f"columns of table {table.name!r},", table.columns)
    options = flags(table.options, TABLE)
    if options.get("autoincrement") and rowid_alias(table, key) is None:
        options = options.with_(autoincrement=None)  # as SQLAlchemy: only an INTEGER PRIMARY KEY counts
    held = _implied_not_null(table, key, options)
    columns = {name: _column(column, name in held) for name, column in table.columns.items()}
    same = all(column is table.columns[name] for name, column in columns.items())
    if same and options == table.options and table.comment is None and table.schema is None:
        return table
    return Table(table.name, columns, options=options)


def _implied_not_null(table: Table, key: PrimaryKey | None, options: Options) -> tuple[str, ...]:
    """Columns that never hold NULL whatever was declared: the rowid, and the key of a table WITHOUT ROWID or STRICT."""
    if key is None:
        return ()
    strict = options.get("strict") or options.get("with_rowid") == "false"
    return key.columns if strict or rowid_alias(table, key) else ()


def rowid_alias(table: Table, key: PrimaryKey | None) -> str | None:
    """The column that is the rowid (INTEGER PRIMARY KEY), or ``None``: https://www.sqlite.org/lang_createtable.html#rowid."""
    if key is None or len(key.columns) != 1 or table.options.get("with_rowid") == "false":
        return None
    column = table.columns.get(key.columns[0])
    inline_descending = key.options.get("keys") == "DESC"
    return column.name if column and str(column.type) == "integer" and not inline_descending else None


def numbered(table: Ref, schema: Schema) -> str | None:
    """The column of ``table`` that is the rowid."""
    key = next((item for item in schema.members(table) if isinstance(item, PrimaryKey)), None)
    return rowid_alias(schema.table(table), key)


def _column(column: Column, implied_not_null: bool) -> Column:
    default = None if column.default is None else _default(column.default)
    special = column.identity or column.computed or column.collation or column.comment is not None or column.options
    if default is column.default and not (special or column.type.ref or (implied_not_null and column.nullable)):
        return column
    computed = column.computed
    if computed is not None:
        computed = Computed(keyed(computed.expression), bool(computed.stored))
    collation = column.collation.upper() if column.collation else None
    return Column(
        column.name,
        replace(column.type, ref=None) if column.type.ref else column.type,
        column.nullable and not implied_not_null,
        None if computed else default,
        computed=computed,
        collation=None if collation == "BINARY" else collation,
        options=NO_OPTIONS if column.nullable else conflict(column.options, COLUMN),
        not_null_implied=column.not_null_implied or (implied_not_null and column.nullable),
        default_undescribed=column.default_undescribed,
    )


@lru_cache(maxsize=1 << 12)
def _bare_default(text: str) -> Expression:
    text = bare(text)
    return Expression(text, expression_key(text, names_too=False))


def _default(default: Expression) -> Expression:
    found = _bare_default(default.text)
    return default if found.text == default.text and found.key == default.key else found


def _conflict_of(schema: Schema, key: PrimaryKey | Unique, option: str) -> str | None:
    """The conflict clause that SQLAlchemy lets a column give to the key it forms alone."""
    if len(key.columns) != 1 or key.table not in schema or key.options.get("on_conflict"):
        return None
    column = schema.table(key.table).columns.get(key.columns[0])
    return column.options.get(option) if column is not None and column.options else None


def _key(key: PrimaryKey | Unique, clause: str | None) -> PrimaryKey | Unique:
    options = conflict(key.options.with_(on_conflict=clause) if clause else key.options)
    plain: PrimaryKey | Unique
    if isinstance(key, PrimaryKey):
        plain = PrimaryKey(_here(key.table), key.name, key.columns, options=options, implicit=_implicit(key))
    else:
        plain = Unique(_here(key.table), key.name, key.columns, options=options, implicit=_implicit(key))
    return key if key == plain and key.implicit == plain.implicit else plain


def _here(table: Ref) -> Ref:
    return Ref("table", table.name) if table.schema == "main" else table


def _implicit(item: PrimaryKey | Unique | Check | ForeignKey) -> bool:
    # SQLite names nothing by itself: an unnamed constraint takes whatever name the database has for the same content.
    return item.implicit or item.name is None


def _check(check: Check) -> Check:
    text = bare(check.expression.text)
    return replace(
        check,
        table=_here(check.table),
        expression=expression(text),
        no_inherit=False,
        comment=None,
        options=conflict(check.options),
        implicit=_implicit(check),
    )


def _foreign_key(key: ForeignKey, keys: dict[Ref, PrimaryKey]) -> ForeignKey:
    there = keys.get(key.ref_table)
    initially = key.initially.lower() if key.initially else None
    deferred = initially == "deferred"
    return replace(
        key,
        table=_here(key.table),
        ref_table=_here(key.ref_table),
        ref_columns=key.ref_columns or (there.columns if there else ()),
        on_update=_action(key.on_update),
        on_delete=_action(key.on_delete),
        match=None if key.match is None or key.match.lower() == "simple" else key.match.lower(),
        deferrable=key.deferrable or deferred,
        initially="deferred" if deferred else None,
        comment=None,
        options=NO_OPTIONS,
        implicit=_implicit(key),
    )


def _action(action: str | None) -> str | None:
    folded = action.lower() if action else None
    return None if folded == "no action" else folded


def _index(index: Index) -> Index:
    return Index(
        _here(index.table),
        index.name,
        tuple(_element(element) for element in index.elements),
        unique=index.unique,
        where=_predicate(index.where),
        columns=index.columns,
        implicit=index.implicit,
    )


def _predicate(where: Expression | None) -> Expression | None:
    if where is None:
        return None
    return expression(bare(where.text))


def _element(element: IndexElement) -> IndexElement:
    if element.expression is None:
        if element.opclass is element.nulls is element.collation is None:
            return element
        nulls = None if element.nulls == ("last" if element.descending else "first") else element.nulls
        return replace(
            element, opclass=None, nulls=nulls, collation=element.collation.upper() if element.collation else None
        )
    read = read_element(bare(element.expression.text))
    return replace(
        read,
        descending=element.descending or read.descending,
        nulls=element.nulls or read.nulls,
        collation=element.collation.upper() if element.collation else read.collation,
    )
