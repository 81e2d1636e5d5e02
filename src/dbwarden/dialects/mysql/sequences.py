"""Statements for the sequences of MariaDB (10.3 and later)."""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core.change import Add, Alter, Change, Drop, Rename
from dbwarden.core.model import Sequence
from dbwarden.core.options import NO_OPTIONS, Options

from .renderer import MySQLRenderer

_CLAUSES = {
    "start": ("START WITH {}", "START WITH 1"),
    "minvalue": ("MINVALUE {}", "NO MINVALUE"),
    "maxvalue": ("MAXVALUE {}", "NO MAXVALUE"),
    "increment": ("INCREMENT BY {}", "INCREMENT BY 1"),
    "cache": ("CACHE {}", "CACHE 1000"),
}


def statements(change: Change, render: MySQLRenderer) -> tuple[str, ...]:
    """CREATE, DROP, ALTER or RENAME of a sequence. Raises ``Unsupported`` for MySQL, which has none."""
    if not render.mariadb:
        raise render.unsupported(str(change.ref), "it has no sequences")
    match change:
        case Add(object=Sequence() as sequence):
            kind = f" AS {render.type(sequence.type)}" if sequence.type is not None else ""
            comment = f" COMMENT {render.literal(sequence.comment)}" if sequence.comment is not None else ""
            return (
                f"CREATE SEQUENCE {render.of(sequence.ref)}{kind}{_options(sequence.options, NO_OPTIONS)}{comment}",
            )
        case Drop(object=Sequence() as sequence):
            return (f"DROP SEQUENCE {render.of(sequence.ref)}",)
        case Alter(before=Sequence() as old, after=Sequence() as new):
            return tuple(_alter(old, new, render))
        case Rename():
            return (f"RENAME TABLE {render.of(change.old)} TO {render.of(change.new)}",)
    raise render.unsupported(change.describe(), "no statement does this")


def _alter(old: Sequence, new: Sequence, render: MySQLRenderer) -> Iterator[str]:
    """The numbers, and the comment, which is that of a table. Raises ``Unsupported`` for another type: ALTER SEQUENCE ... AS fails
    on MariaDB 11.8 ("Sequence tables cannot have any keys")."""
    if old.type != new.type:
        reason = "the type of a sequence that exists does not change: create another one and draw from that"
        raise render.unsupported(str(new.ref), reason)
    if numbers := _options(new.options, old.options):
        yield f"ALTER SEQUENCE {render.of(new.ref)}{numbers}"
    if old.comment != new.comment:
        yield f"ALTER TABLE {render.of(new.ref)} COMMENT {render.literal(new.comment or '')}"


def _options(new: Options, old: Options) -> str:
    """Clauses for the options that differ, with a leading blank."""
    clauses = []
    for key, (clause, default) in _CLAUSES.items():
        value = new.get(key)
        if value != old.get(key):
            clauses.append(clause.format(value) if value is not None else default)
    if new.get("cycle") != old.get("cycle"):
        clauses.append("CYCLE" if new.get("cycle") == "true" else "NOCYCLE")
    return "".join(f" {clause}" for clause in clauses)
