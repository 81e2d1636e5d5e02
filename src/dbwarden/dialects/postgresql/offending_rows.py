"""Rows that do not meet a demand. Whether a value can be converted, only the conversion shows.

1. A text that is too long for VARCHAR(n), and a whole number that is too large, are found by a condition.
2. Else all values are converted in one query. If it succeeds, all of them fit.
3. If it fails, a block converts row after row and catches the errors. It only reads, in a transaction that is rolled back: a
   cursor brings its result.

Version 16 and later have ``pg_input_is_valid``; before, the query for a person needs a function of the session.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from dbwarden.core.dialect import Connection, Server
from dbwarden.core.model import Schema
from dbwarden.core.row_demands import OffendingRows, RowDemand
from dbwarden.core.sqltext import words
from dbwarden.core.tokens import NAMES
from dbwarden.core.type_table import Family
from dbwarden.core.types import DataType, parse_type
from dbwarden.dialects.base.names import literal
from dbwarden.dialects.base.offending_rows import RowQueries, Selection, whole_bounds
from dbwarden.errors import DatabaseError

from . import types
from .names import quote
from .words import LEXICAL_RULES

_INPUT_IS_VALID = (16,)
_REFUSED = ("22", "23")
"""Classes of SQLSTATE for values: data exceptions, and constraints of a domain."""
_CURSOR = "dbwarden_offending"


@dataclass(frozen=True)
class PostgreSQLRows(RowQueries):
    """Queries for PostgreSQL."""

    server: Server

    def key(self, text: str) -> str:
        """The key without its operator class, a name behind a name or an expression in parentheses."""
        *before, last = words(text, LEXICAL_RULES)
        behind = before and (before[-1].text == ")" or before[-1].kind in NAMES)
        classed = behind and last.kind in NAMES and before[-1].text.upper() != "COLLATE"
        return text[: before[-1].end] if classed else text

    def _of_type(self, conn: Connection, demand: RowDemand, schema: Schema, limit: int) -> OffendingRows | None:
        column = self.column(demand, schema)
        old, new = schema.base_type(column.type), types.canonical(parse_type(demand.type))
        expression = demand.using or self.render.quote(column.name)
        shown, key = self.shown_columns(demand, schema), self.key_columns(demand.table, schema)
        rows = Selection(shown, self.render.of(demand.table), "", key)
        condition = _condition(expression, old, new, demand)
        if condition is not None:
            return self.run(conn, replace(rows, condition=condition), limit)
        if demand.values is not None:  # the type does not exist yet
            raise self.unjudged(f"the pending files create {demand.type}")
        if _converts_all(conn, f"SELECT count(({expression})::{demand.type}) FROM {rows.source}"):
            return None
        return self._by_block(conn, replace(demand, using=expression), rows, (old, limit))

    def _by_block(
        self, conn: Connection, demand: RowDemand, rows: Selection, how: tuple[DataType, int]
    ) -> OffendingRows | None:
        """Convert row after row, and count those that are refused."""
        old, limit = how
        with _read_only(conn):
            conn.execute(_block(demand, rows, limit))
            answer = conn.query(f"FETCH ALL FROM {_CURSOR}")
        count = int(answer[0][0]) if answer else 0
        if not count:
            return None
        sample = tuple(tuple(row[1]) for row in answer)
        return OffendingRows(count, rows.columns, sample, self._shown_query(demand, rows, old))

    def _shown_query(self, demand: RowDemand, rows: Selection, old: DataType) -> str:
        """A query for a person, who may create a function of the session."""
        columns, order = self.render.names(rows.columns), self.render.names(rows.order)
        ending = f" ORDER BY {order};" if order else ";"
        head = f"SELECT {columns} FROM {rows.source} WHERE NOT "
        name = self.render.quote(demand.columns[0])
        using = demand.using.removesuffix(f"::{demand.type}")
        plain = using == name
        text = types.TYPES.use(old).family is Family.TEXT and not old.array
        if plain and text and self.server.version >= _INPUT_IS_VALID:
            return f"{head}pg_input_is_valid({name}, {literal(demand.type)}){ending}"
        table = self.render.quote(demand.table.name)
        taken, value, argument = types.sql(old), f"given::{demand.type}", name
        if not plain:
            taken, argument = rows.source, table
            value = f"({demand.using})::{demand.type} FROM (SELECT given.*) AS {table}"
        errors = "data_exception OR integrity_constraint_violation"
        body = f"BEGIN PERFORM {value}; RETURN true; EXCEPTION WHEN {errors} THEN RETURN false; END"
        function = f"CREATE FUNCTION pg_temp.fits(given {taken}) RETURNS boolean LANGUAGE plpgsql AS $$ {body} $$;"
        return f"{function} {head}pg_temp.fits({argument}){ending}"


def _condition(expression: str, old: DataType, new: DataType, demand: RowDemand) -> str | None:
    """A condition for refused values, where one says it exactly."""
    before, after = types.TYPES.use(old), types.TYPES.use(new)
    if before.array or after.array:
        return None
    if demand.values is not None:
        listed = ", ".join(map(literal, demand.values))
        plain = before.family is Family.TEXT or old.ref is not None
        source = demand.columns[0] if plain else None
        return f"{quote(source)}::text NOT IN ({listed})" if source is not None and listed else None
    if after.family is Family.TEXT and new.args and not demand.using:
        # an assignment cuts spaces off; a cast, which only USING can be, cuts off all
        return f"char_length(rtrim({expression}::text, ' ')) > {int(new.args[0])}"
    if before.family is after.family is Family.WHOLE and not demand.using:
        low, high = whole_bounds(after.row.size)
        return f"{expression} NOT BETWEEN {low} AND {high}"
    return None


def _converts_all(conn: Connection, query: str) -> bool:
    """Whether all rows can be converted. Raises ``DatabaseError`` if the query fails for another reason."""
    try:
        with _read_only(conn):
            conn.query(query)
    except DatabaseError as error:
        if (error.sqlstate or "")[:2] in _REFUSED:
            return False
        raise
    return True


@contextmanager
def _read_only(conn: Connection) -> Iterator[None]:
    """A transaction that can write nothing, whatever functions a conversion calls."""
    with conn.transaction():
        conn.execute("SET TRANSACTION READ ONLY")
        yield


def _block(demand: RowDemand, rows: Selection, limit: int) -> str:
    """DO block that opens a cursor with a row per example: the number of refused rows, and the shown values as text."""
    shown = ", ".join(f"(dbwarden_row.{quote(name)})::text" for name in rows.columns)
    order = f" ORDER BY {', '.join(map(quote, rows.order))}" if rows.order else ""
    alias = quote(demand.table.name)
    body = f"""
#variable_conflict use_column
DECLARE
    dbwarden_row {rows.source}%ROWTYPE;
    dbwarden_value {demand.type};
    dbwarden_count bigint := 0;
    dbwarden_examples jsonb := '[]';
    dbwarden_cursor refcursor := {literal(_CURSOR)};
BEGIN
    FOR dbwarden_row IN SELECT * FROM {rows.source}{order} LOOP
        BEGIN
            SELECT {demand.using} INTO dbwarden_value FROM (SELECT dbwarden_row.*) AS {alias};
        EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
            dbwarden_count := dbwarden_count + 1;
            IF dbwarden_count <= {limit} THEN
                dbwarden_examples := dbwarden_examples || jsonb_build_array(jsonb_build_array({shown}));
            END IF;
        END;
    END LOOP;
    OPEN dbwarden_cursor FOR SELECT dbwarden_count, ARRAY(SELECT jsonb_array_elements_text(example))
        FROM jsonb_array_elements(dbwarden_examples) AS example;
END
"""
    return f"DO $dbwarden${body}$dbwarden$"
