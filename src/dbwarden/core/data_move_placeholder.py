"""Writes the placeholder for the statement that moves data: a comment with a suggested statement for a person to complete.

The file runs as generated, but then the data in the dropped columns is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from .change import Alter, Change
from .data_moves import DataMove, creates, destroys
from .dialect import Dialect
from .model import Column, ForeignKey, Schema, Table
from .sqltext import fold_case
from .statement import Effect
from .types import Ref

Printed = Sequence[tuple[Change, tuple[str, ...]]]
"""Changes with their statements, in the order in which these run."""
Schemas = tuple[Schema, Schema]
Quote = Callable[[str], str]
OPENING = "Move data here"
_UNKNOWN = "..."
_LISTED = 6


def insert_placeholder(
    printed: Printed, moves: Sequence[DataMove], schemas: Schemas, dialect: Dialect
) -> list[tuple[Change, tuple[str, ...]]]:
    """The statements with the placeholder after the last one that creates.

    Moves into a rebuilt table are instead commented at the statement that copies its rows.
    """
    marked = [(change, _marked_copy(change, statements, moves, schemas, dialect)) for change, statements in printed]
    created = [at for at, (change, _) in enumerate(marked) if creates(change) and not destroys(change)]
    destroyed = [at for at, (change, statements) in enumerate(marked) if destroys(change) and statements]
    if not created or not destroyed:
        return marked
    place = min(created[-1] + 1, destroyed[0])
    place = next(at for at in range(place, len(marked)) if marked[at][1])
    created_tables = {_table_ref(marked[at][0]) for at in created if at < place and not _rebuilt(marked[at][0])}
    between = [move for move in moves if move.target.ref in created_tables]
    if between:
        change, (first, *rest) = marked[place]
        marked[place] = (change, (f"{_comment(between, schemas, dialect)}\n{first}", *rest))
    return marked


def _rebuilt(change: Change) -> bool:
    return isinstance(change, Alter) and change.rebuild


def _table_ref(change: Change) -> Ref:
    on: Ref | None = getattr(change, "on", None)
    return on or change.ref


def _marked_copy(
    change: Change, statements: tuple[str, ...], moves: Sequence[DataMove], schemas: Schemas, dialect: Dialect
) -> tuple[str, ...]:
    moves_here = [move for move in moves if move.target.ref == change.ref] if _rebuilt(change) else []
    copying = (at for at, sql in enumerate(statements) if Effect.WRITES_ROWS in dialect.facts(sql).effects)
    at = next(copying, None) if moves_here else None
    if at is None:
        return statements
    lines = []
    for move in moves_here:
        lines.append(_line(f"{_heading(move)} Write it into the INSERT and SELECT below:"))
        values = _values(move, schemas, dialect.quote)
        lines.append(_line(", ".join(f"{dialect.quote(name)} from {value}" for name, value in values)))
    return (*statements[:at], "\n".join((*lines, statements[at])), *statements[at + 1 :])


def _heading(move: DataMove) -> str:
    return f"{OPENING}: from {move.describe_source()}, dropped below, to {move.describe_target()}."


def _comment(moves: Sequence[DataMove], schemas: Schemas, dialect: Dialect) -> str:
    lines = []
    for move in moves[:_LISTED]:
        lines += [_line(_heading(move)), *(_line(f"{sql};") for sql in _template(move, schemas, dialect))]
    if len(moves) > _LISTED:
        lines.append(_line(f"And {len(moves) - _LISTED} more."))
    return "\n".join(lines)


def _line(text: str) -> str:
    """A comment on one line, even if a name contains a line break."""
    return f"-- {' '.join(text.split())}"


# -- the suggested statement ----------------------------------------------------------------------------------------


def _template(move: DataMove, schemas: Schemas, dialect: Dialect) -> tuple[str, ...]:
    quote = dialect.quote
    if move.fresh:
        return (_insert(move, schemas, quote),)
    if dialect.features.update_by_alter:
        return _mutation(move, schemas, quote)
    values = (f"{quote(name)} = {value}" for name, value in _values(move, schemas, quote))
    return (f"UPDATE {_table(move.target, quote)} SET {', '.join(values)}",)


def _mutation(move: DataMove, schemas: Schemas, quote: Quote) -> tuple[str, ...]:
    """ALTER TABLE ... UPDATE. Values of another table come from a temporary one of the engine Join, which it reads by key."""
    target, source = _table(move.target, quote), _table(move.source, quote)
    named = {name: _quoted(_similar_column(name, move), quote) for name in move.new}
    if source == target:
        values = ", ".join(f"{quote(name)} = {value}" for name, value in named.items())
        return (f"ALTER TABLE {target} UPDATE {values} WHERE true",)
    pairs = [(quote(old), quote(new)) for old, new in _join(move, schemas)] or [(_UNKNOWN, _UNKNOWN)]
    keys, own_keys = (", ".join(names) for names in zip(*pairs, strict=True))
    columns = ", ".join(dict.fromkeys((keys, *named.values())))
    values = ", ".join(
        f"{quote(name)} = joinGet('moved', '{value.strip('`')}', {own_keys})" for name, value in named.items()
    )
    return (
        f"CREATE TABLE moved ENGINE = Join(ANY, LEFT, {keys}) AS SELECT {columns} FROM {source}",
        f"ALTER TABLE {target} UPDATE {values} WHERE true",
        "DROP TABLE moved",
    )


def _values(move: DataMove, schemas: Schemas, quote: Quote) -> list[tuple[str, str]]:
    """An expression for each new column of an existing table."""
    target, source = _table(move.target, quote), _table(move.source, quote)
    joined = " AND ".join(
        f"{source}.{quote(source_name)} = {target}.{quote(target_name)}"
        for source_name, target_name in _join(move, schemas)
    )
    pairs = []
    for name in move.new:
        value = _quoted(_similar_column(name, move), quote)
        if value != _UNKNOWN and source != target:
            value = f"(SELECT {source}.{value} FROM {source} WHERE {joined or _UNKNOWN})"
        pairs.append((name, value))
    return pairs


def _insert(move: DataMove, schemas: Schemas, quote: Quote) -> str:
    """INSERT ... SELECT with the columns that each row needs and those with a counterpart in the source."""
    referenced = dict(
        chain.from_iterable(zip(key.columns, key.ref_columns, strict=True) for key in _keys(move, schemas))
    )
    values: dict[str, str | None] = {}
    for name, column in move.target.columns.items():
        value = referenced.get(name) or (_similar_column(name, move) if name in move.new else None)
        if value is not None or (name in move.new and _has_no_value(column)):
            values[name] = value
    columns, sources = ", ".join(map(quote, values)), ", ".join(_quoted(value, quote) for value in values.values())
    tables = _table(move.target, quote), _table(move.source, quote)
    return f"INSERT INTO {tables[0]} ({columns or _UNKNOWN}) SELECT {sources or _UNKNOWN} FROM {tables[1]}"


def _keys(move: DataMove, schemas: Schemas) -> list[ForeignKey]:
    """The first foreign key of the target to the source, if any."""
    return _foreign_keys_between(move.target.ref, move.source.ref, schemas)[:1]


def _foreign_keys_between(table: Ref, other: Ref, schemas: Schemas) -> list[ForeignKey]:
    members = (item for schema in schemas for item in schema.members(table))
    return [item for item in members if isinstance(item, ForeignKey) and item.ref_table == other]


def _join(move: DataMove, schemas: Schemas) -> list[tuple[str, str]]:
    """Pairs of a source and a target column whose equal values join a row to its counterpart."""
    for key in _foreign_keys_between(move.source.ref, move.target.ref, schemas):
        return list(zip(key.columns, key.ref_columns, strict=True))
    return [pair for key in _keys(move, schemas) for pair in zip(key.ref_columns, key.columns, strict=True)]


def _similar_column(name: str, move: DataMove) -> str | None:
    """The source column of the same name, or of one that ends with it: ``address_street`` for ``street``."""
    columns = {fold_case(column): column for column in move.source.columns}
    same_table, wanted = move.source.ref == move.target.ref, fold_case(name)
    if wanted in columns and not same_table:
        return columns[wanted]
    similar = [column for column in move.gone if _ends_with(column, name) or _ends_with(name, column)]
    return similar[0] if len(similar) == 1 else None


def _ends_with(longer: str, shorter: str) -> bool:
    return fold_case(longer).endswith("_" + fold_case(shorter))


def _has_no_value(column: Column) -> bool:
    return not column.nullable and column.default is None


def _quoted(name: str | None, quote: Quote) -> str:
    return _UNKNOWN if name is None else quote(name)


def _table(table: Table, quote: Quote) -> str:
    return ".".join(quote(part) for part in (table.schema, table.name) if part)
