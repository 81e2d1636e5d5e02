"""Defaults with ``nextval``, and serial columns."""

from __future__ import annotations

from collections.abc import Collection

from dbwarden.core.ddl.cursor import Cursor, cursor
from dbwarden.core.model import Column, Table
from dbwarden.core.sqltext import TokenKind
from dbwarden.core.tokens import literal
from dbwarden.core.type_table import Family
from dbwarden.core.types import DataType, Ref

from . import names
from .types import TYPES
from .words import LEXICAL_RULES

INTEGERS = TYPES.names(Family.WHOLE)


def sequences_of(default: str, schema: str | None) -> frozenset[Ref]:
    """Sequences in the ``nextval`` calls of a default. ``schema`` is the default schema."""
    sequences: set[Ref] = set()
    if _may_draw(default):
        at = cursor(default, LEXICAL_RULES)
        while not at.at_end:
            sequence = _draw(at, schema)
            if sequence is None:
                at.at += 1
            else:
                sequences.add(sequence)
    return frozenset(sequences)


def drawn_from(default: str, schema: str | None) -> Ref | None:
    """Sequence of a default that is only a call: ``nextval('t_id_seq'::regclass)``; ``None`` for any other default."""
    if not _may_draw(default):
        return None
    at = cursor(default, LEXICAL_RULES)
    sequence = _draw(at, schema)
    return sequence if at.at_end else None


def _may_draw(default: str) -> bool:
    return "nextval" in default.lower()


def _draw(at: Cursor, schema: str | None) -> Ref | None:
    """Sequence of the ``nextval`` call at the cursor, which moves past it; ``None`` if there is none."""
    start = at.at
    at.skip("PG_CATALOG", ".")
    if at.skip("NEXTVAL", "(") and (token := at.take()) is not None and token.kind is TokenKind.STRING:
        if at.skip("::"):
            at.skip_any("REGCLASS", "TEXT")
        path = cursor(literal(token), LEXICAL_RULES, schema)
        sequence = path.ref("sequence")
        if at.skip(")") and path.at_end:
            return sequence
    at.at = start
    return None


def is_serial(column: Column, type_: DataType, table: Table, sequence: Ref, sequences: Collection[Ref]) -> bool:
    """Whether a column with the default ``nextval(sequence)`` is a SERIAL: the sequence has the name that the server would
    choose, and the models do not define it."""
    made = Ref("sequence", names.make_object_name(table.name, column.name, "seq"), table.schema)
    return (
        type_.name in INTEGERS
        and not type_.array
        and not column.nullable
        and sequence == made
        and made not in sequences
    )
