"""Values for columns that become NOT NULL in tables with rows: from flags or from a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dbwarden.core.change import Alter, after_renames
from dbwarden.core.dialect import SchemaDialect
from dbwarden.core.diff import diff
from dbwarden.core.model import Column, Table, column_ref
from dbwarden.core.plan import Pair
from dbwarden.core.row_effects import changes_of_rows, columns_without_value
from dbwarden.core.suggestions import nearest
from dbwarden.core.types import Ref
from dbwarden.errors import UsageError

from .dropping import CountRows


@dataclass(frozen=True, slots=True)
class FillCandidate:
    """A column that becomes NOT NULL, and the number of rows without a value."""

    column: str
    """Such as ``customers.country``."""
    type: str
    rows: int | None
    """Rows without a value, counted up to ``dropping.COUNTED``."""


@dataclass(frozen=True)
class FillFlags:
    """Values from the command line for columns that become NOT NULL; ``ask`` decides about the others."""

    values: Sequence[str] = ()
    """A column and an SQL expression each: ``customers.country='DE'``."""
    ask: Callable[[FillCandidate], str | None] | None = None
    """Returns an SQL expression, or ``None`` for a marked place in the file."""


def decide_fills(both: Pair, dialect: SchemaDialect, flags: FillFlags, count: CountRows) -> Mapping[Ref, str | None]:
    """Expression for each column that needs one, by its new name; ``None`` for a marked place in the file.

    A flag always applies. Without one, a column is included only if rows have no value for it. Raises ``UsageError`` for a
    flag whose column does not become NOT NULL.
    """
    required = dict(_required(both, dialect))
    from_flags = dict(_parse_fill(text, required) for text in flags.values)
    fills: dict[Ref, str | None] = dict(from_flags)
    former = dict(_former_tables(both))
    for ref, column in required.items():
        table, names = former.get(ref.owner, (None, {}))
        rows = count(table, without=names.get(ref.name)) if ref not in from_flags and table is not None else None
        if rows:
            ask = flags.ask
            fills[ref] = ask(FillCandidate(_path(ref), str(column.type), rows)) if ask is not None else None
    return fills


def with_filled(both: Pair, fills: Mapping[Ref, str | None]) -> Pair:
    """``both`` with the columns that get a value in ``filled``."""
    filled = frozenset(ref for ref, expression in fills.items() if expression is not None)
    return replace(both, filled=filled) if filled else both


def unfilled(fills: Mapping[Ref, str | None]) -> tuple[str, ...]:
    """Columns for which the file has a marked place."""
    return tuple(_path(ref) for ref, expression in fills.items() if expression is None)


def _required(both: Pair, dialect: SchemaDialect) -> Iterator[tuple[Ref, Column]]:
    schemas = (both.current, both.desired)
    changes = list(changes_of_rows(diff(*schemas, both.renames), schemas, dialect))
    for added in columns_without_value(changes, both.desired, dialect):
        if isinstance(added.object, Column):
            yield added.ref, added.object
    for change in changes:
        match change:
            case Alter(
                before=Column(nullable=True), after=Column(nullable=False, computed=None) as after, on=Ref() as on
            ):
                filled_in = dialect.features.fills_nulls and after.default is not None
                if (
                    not filled_in
                    and after.identity is None
                    and dialect.autoincrement_column(on, both.desired) != after.name
                ):
                    yield column_ref(on, after.name), after


def _former_tables(both: Pair) -> Iterator[tuple[Ref, tuple[Table, dict[str, str]]]]:
    """Each table under its new name, with the present table, and the present names of its columns by their new ones."""
    for item, moved in zip(both.current.objects(), after_renames(both.current, both.renames).objects(), strict=True):
        if isinstance(item, Table) and isinstance(moved, Table):
            yield moved.ref, (item, dict(zip(moved.columns, item.columns, strict=True)))


def _parse_fill(text: str, required: Mapping[Ref, Column]) -> tuple[Ref, str]:
    path, equals, expression = text.partition("=")
    if not equals or not expression.strip():
        raise UsageError(
            f"--fill {text}: TABLE.COLUMN=EXPRESSION expected", hint="A string stands in single quotes, as in SQL."
        )
    names = {_path(ref): ref for ref in required}
    if path.strip() in names:
        return names[path.strip()], expression.strip()
    near = nearest(path, names)
    hint = f"Did you mean {' or '.join(near)}?" if near else None
    raise UsageError(f"--fill {path}: no such column becomes NOT NULL in a table that exists", hint=hint)


def _path(ref: Ref) -> str:
    return ".".join(part for part in (ref.schema, ref.table, ref.name) if part)
