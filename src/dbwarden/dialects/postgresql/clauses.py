"""The clauses that statements are made of: columns, constraints, indexes, sequence options."""

from __future__ import annotations

from collections.abc import Iterable

from dbwarden.core.model import (
    Check,
    Column,
    Exclude,
    ForeignKey,
    Index,
    IndexElement,
    Member,
    PrimaryKey,
    Unique,
)
from dbwarden.core.numbering import counts_down, first_number, narrowed_bound, turns
from dbwarden.core.options import Options
from dbwarden.core.types import Ref
from dbwarden.dialects.ansi import literal

from . import chosen, names, types
from .words import is_call

_SERIAL = {"smallint": "SMALLSERIAL", "integer": "SERIAL", "bigint": "BIGSERIAL"}


def columns(found: Iterable[str]) -> str:
    """Column names, quoted where needed, with commas."""
    return ", ".join(names.quote(name) for name in found)


def column(found: Column) -> str:
    """A column as it stands in CREATE TABLE and ADD COLUMN."""
    serial = found.identity is not None and found.identity.mode == "serial"
    parts = [names.quote(found.name), _SERIAL[found.type.name] if serial else types.sql(found.type)]
    if found.collation:
        parts.append(f"COLLATE {collation(found.collation)}")
    if found.computed is not None:
        parts.append(generated(found))
    elif found.identity is not None and not serial:
        parts.append(identity(found))
    elif found.default is not None:
        parts.append(f"DEFAULT {found.default}")
    if not found.nullable and found.identity is None:
        parts.append("NOT NULL")
    return " ".join(parts)


def collation(name: str) -> str:
    """A collation's name; those of the system are in mixed case and must be quoted."""
    return ".".join(names.quote(part) for part in name.replace('"', "").split("."))


def generated(found: Column) -> str:
    """GENERATED ALWAYS AS (...)."""
    assert found.computed is not None
    kind = "VIRTUAL" if found.computed.stored is False else "STORED"
    return f"GENERATED ALWAYS AS ({found.computed.expression}) {kind}"


def identity(found: Column) -> str:
    """GENERATED ... AS IDENTITY with its options."""
    assert found.identity is not None
    chosen = numbers(found.identity.options)
    return f"GENERATED {found.identity.mode.upper()} AS IDENTITY" + (f" ({chosen})" if chosen else "")


def numbers(options: Options, before: Options | None = None, set_: bool = False) -> str:
    """Sequence options in the order of the manual; with ``before`` only what changes, back to the default included.

    START is said again where the bounds move, so that one ALTER carries all that has to agree. A sequence that turns round
    begins anew: its next number would be outside of the bounds.
    """
    former = dict(before) if before is not None else {}
    turned = before is not None and turns(options, before)
    wanted = dict(options)
    word = "SET " if set_ else ""
    parts = []
    for key, clause, default in _NUMBERS:
        value = wanted.get(key)
        implied = (key == "start" and first_number(former) != first_number(wanted)) or (
            turned and key in ("minvalue", "maxvalue")
        )
        if value == former.get(key) and not implied:
            continue
        if key == "cycle":
            parts.append(f"{word}{'CYCLE' if value == 'true' else 'NO CYCLE'}")
        elif key == "start":
            parts.append(f"{word}{clause} {first_number(wanted)}")
        else:
            parts.append(f"{word}{clause} {value}" if value is not None else f"{word}{default}")
    return " ".join([*parts, "RESTART"] if turned else parts)


_NUMBERS = (
    ("increment", "INCREMENT BY", "INCREMENT BY 1"),
    ("minvalue", "MINVALUE", "NO MINVALUE"),
    ("maxvalue", "MAXVALUE", "NO MAXVALUE"),
    ("start", "START WITH", ""),
    ("cache", "CACHE", "CACHE 1"),
    ("cycle", "CYCLE", "NO CYCLE"),
)


def moved_inside(sequence: Ref, options: Options, before: Options) -> tuple[str, ...]:
    """SELECT setval, where new bounds might leave the next number of a sequence outside ("RESTART value cannot be less
    than MINVALUE"): then it goes on at the bound that it counts away from."""
    bound = narrowed_bound(options, before)
    if bound is None:
        return ()
    name, compared = names.of(sequence), ">" if counts_down(options) else "<"
    return (f"SELECT setval({literal(name)}, {bound}, false) FROM {name} WHERE last_value {compared} {bound}",)


# -- constraints --------------------------------------------------------------------------------------------------


def constraint(found: Member, taken: frozenset[str] = frozenset()) -> str:
    """A constraint as it stands in CREATE TABLE and ADD; the name only where the server would not choose the same."""
    body = _body(found)
    if getattr(found, "implicit", False) and found.name not in taken and found.name == chosen.name_of(found):
        return body
    return f"CONSTRAINT {names.quote(found.name or '')} {body}"


def _body(found: Member) -> str:
    match found:
        case PrimaryKey():
            tail = _include(found.include) + _index_tail(found) + _deferrable(found)
            return f"PRIMARY KEY ({columns(found.columns)}){tail}"
        case Unique():
            distinct = " NULLS NOT DISTINCT" if found.nulls_not_distinct else ""
            tail = _include(found.include) + _index_tail(found) + _deferrable(found)
            return f"UNIQUE{distinct} ({columns(found.columns)}){tail}"
        case Check():
            tail = " NO INHERIT" if found.no_inherit else ""
            return f"CHECK ({found.expression}){tail}"
        case ForeignKey():
            return _foreign_key(found)
        case Exclude():
            return _exclude(found)
    raise TypeError(found.kind)


def using_index(found: Unique | PrimaryKey, index: str) -> str:
    """A constraint made of an index that exists, which takes over its name."""
    kind = "PRIMARY KEY" if isinstance(found, PrimaryKey) else "UNIQUE"
    return f"CONSTRAINT {names.quote(found.name or '')} {kind} USING INDEX {names.quote(index)}{_deferrable(found)}"


def _foreign_key(found: ForeignKey) -> str:
    text = f"FOREIGN KEY ({columns(found.columns)}) REFERENCES {names.of(found.ref_table)}"
    if found.ref_columns:
        text += f" ({columns(found.ref_columns)})"
    if found.match:
        text += f" MATCH {found.match.upper()}"
    if found.on_delete:
        text += f" ON DELETE {_action(found.on_delete)}"
    if found.on_update:
        text += f" ON UPDATE {_action(found.on_update)}"
    return text + _deferrable(found)


def _action(text: str) -> str:
    verb, opening, rest = text.partition("(")
    return verb.upper() + opening + rest


def _exclude(found: Exclude) -> str:
    elements = ", ".join(f"{element(one)} WITH {operator}" for one, operator in found.elements)
    where = f" WHERE ({found.where})" if found.where is not None else ""
    return f"EXCLUDE USING {found.method} ({elements}){_index_tail(found)}{where}{_deferrable(found)}"


def _include(found: tuple[str, ...]) -> str:
    return f" INCLUDE ({columns(found)})" if found else ""


def _index_tail(found: PrimaryKey | Unique | Exclude) -> str:
    storage, space = found.options.get("with"), found.options.get("tablespace")
    text = f" WITH ({storage})" if storage else ""
    return text + (f" USING INDEX TABLESPACE {names.quote(space)}" if space else "")


def _deferrable(found: PrimaryKey | Unique | ForeignKey | Exclude) -> str:
    if not found.deferrable:
        return ""
    return " DEFERRABLE INITIALLY DEFERRED" if found.initially == "deferred" else " DEFERRABLE"


# -- indexes ------------------------------------------------------------------------------------------------------


def element(found: IndexElement) -> str:
    """One key of an index or exclusion constraint."""
    if found.expression is None:
        text = names.quote(found.column or "")
    else:
        text = found.expression.text if is_call(found.expression.text) else f"({found.expression})"
    if found.collation:
        text += f" COLLATE {collation(found.collation)}"
    if found.opclass:
        text += f" {found.opclass}"
    if found.descending:
        text += " DESC"
    if found.nulls:
        text += f" NULLS {found.nulls.upper()}"
    return text


def index(found: Index, concurrently: bool = False) -> str:
    """CREATE INDEX."""
    text = f"CREATE {'UNIQUE ' if found.unique else ''}INDEX {'CONCURRENTLY ' if concurrently else ''}"
    text += f"{names.quote(found.name or '')} ON {names.of(found.table)}"
    if found.method:
        text += f" USING {found.method}"
    text += f" ({', '.join(element(one) for one in found.elements)}){_include(found.include)}"
    if found.nulls_not_distinct:
        text += " NULLS NOT DISTINCT"
    storage, space = found.options.get("with"), found.options.get("tablespace")
    if storage:
        text += f" WITH ({storage})"
    if space:
        text += f" TABLESPACE {names.quote(space)}"
    return text + (f" WHERE {found.where}" if found.where is not None else "")


# -- small things -------------------------------------------------------------------------------------------------


def comment(what: str, text: str | None) -> str:
    """COMMENT ON ``what``; ``None`` takes the comment away."""
    return f"COMMENT ON {what} IS {'NULL' if text is None else literal(text)}"


def member_comment(found: Member) -> tuple[str, ...]:
    """The comment of a constraint or index, where it has one."""
    text = getattr(found, "comment", None)
    return () if text is None else (comment(member_title(found), text),)


def member_title(found: Member) -> str:
    """``INDEX name`` or ``CONSTRAINT name ON table``, for COMMENT ON."""
    if isinstance(found, Index):
        return f"INDEX {names.qualified(found.name or '', found.table.schema)}"
    return f"CONSTRAINT {names.quote(found.name or '')} ON {names.of(found.table)}"


def column_name(table: Ref, name: str) -> str:
    """``table.column``, for COMMENT ON and OWNED BY."""
    return f"{names.of(table)}.{names.quote(name)}"
