"""Privileges that models declare, as sets by grantee and object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeGuard

from dbwarden.core import kinds
from dbwarden.core.ddl.cursor import cursor
from dbwarden.core.dialect import Server
from dbwarden.core.model import Definition, Object, Schema
from dbwarden.core.types import Ref
from dbwarden.errors import ModelReadError

from . import routines
from .privileges import ALL, OUTSIDE_SCHEMAS, PUBLIC, PrivilegeSet
from .words import LEXICAL_RULES

_NAMED = {
    ("TABLE",): "table", ("SEQUENCE",): "sequence", ("FUNCTION",): "function", ("PROCEDURE",): "procedure",
    ("ROUTINE",): "function", ("SCHEMA",): "namespace", ("TYPE",): "enum", ("DOMAIN",): "domain",
    ("LANGUAGE",): "language", ("FOREIGN", "SERVER"): "foreign_server",
    ("FOREIGN", "DATA", "WRAPPER"): "foreign_data_wrapper",
}  # fmt: skip
"""Words before the name of an object, as GRANT has them."""


def declared(items: Iterable[Any], objects: Iterable[Any], server: Server) -> Iterator[Definition]:
    """The sets that declarations make together. Raises ``ModelReadError``.

    ``objects`` are the declared views and routines of the same metadata: a name may mean one of them.
    """
    known = _by_name(_object_of(item, item.schema, item.kind, server) for item in objects)
    sets: dict[tuple[Ref, str | None, str], dict[str, bool]] = {}
    for item in items:
        on = _object(item, server)
        on = _known_object(on, known) or on
        grantees = [item.to] if isinstance(item.to, str) else list(item.to)
        for grantee in grantees:
            for column in item.columns or (None,):
                key = (on, column, PUBLIC if grantee.upper() == PUBLIC else grantee)
                privileges = sets.setdefault(key, {})
                for name in _privileges(item, on, server):
                    privileges[name] = privileges.get(name, False) or is_grantable(item, name)
    for (on, column, grantee), privileges in sets.items():
        names_ = tuple(sorted(f"{name}*" if passing else name for name, passing in privileges.items()))
        yield PrivilegeSet(on, column, grantee, names_).definition(server)


def is_grantable(item: Any, privilege: str) -> bool:
    """Whether a declared privilege may be passed on: all of them may, or those that a text names."""
    if isinstance(item.grantable, str):
        return privilege in (name.strip().upper() for name in item.grantable.split(","))
    return bool(item.grantable)


def _privileges(item: Any, on: Ref, server: Server) -> Iterator[str]:
    """The names of declared privileges. Raises ``ModelReadError`` for one that the object does not have."""
    kind = "column" if item.columns else on.kind
    known = ALL[kind] + (
        ("MAINTAIN",) if server.version >= (17,) and kind in ("table", "view", "materialized_view") else ()
    )
    given = [item.privileges] if isinstance(item.privileges, str) else item.privileges
    for name in (part.strip().upper() for text in given for part in text.split(",") if part.strip()):
        if name in ("ALL", "ALL PRIVILEGES"):
            yield from known
        elif name in known:
            yield name
        else:
            reason = f"{name} is not a privilege on {kinds.a(kind)}: {', '.join(known)}"
            raise ModelReadError(
                where=f"privileges of {item.to}", reason=reason, hint="Correct the Grant in the models."
            )


def _object(item: Any, server: Server) -> Ref:
    """The object of a declaration: a mapped class, a table, a declaration, a sequence or type of SQLAlchemy, or its name as GRANT
    has it (``SCHEMA sales``)."""
    on = getattr(item.on, "__table__", item.on)
    if isinstance(on, str):
        return _named(on, item.schema, server)
    kind = getattr(on, "kind", None) or {
        "sequence": "sequence",
        "enum": "enum",
        "ENUM": "enum",
        "DOMAIN": "domain",
    }.get(getattr(on, "__visit_name__", ""), "table")
    if kind not in ALL:
        reason = f"privileges are declared on tables, sequences, routines, types, schemas and the database, not on {kinds.a(kind)}"
        raise ModelReadError(
            where=f"privileges of {item.to}", reason=reason, hint="Correct `on` of the Grant in the models."
        )
    return _object_of(on, on.schema, kind, server)


def _object_of(item: Any, schema: Any, kind: str, server: Server) -> Ref:
    place = str(schema) if schema is not None and schema != server.default_schema else None
    name = str(item.name)
    return Ref(kind, routines.identity(name, server.default_schema, kind) if kinds.of(kind).is_routine else name, place)


def _named(text: str, schema: str | None, server: Server) -> Ref:
    """The object that a text names; ``DATABASE`` is the one that the models are for, whatever its name."""
    if text.strip().upper() == "DATABASE":
        return Ref("database", "")
    words = tuple(text.upper().split())
    given = next((given for given in _NAMED if words[: len(given)] == given and len(words) > len(given)), ())
    kind = _NAMED.get(given, "")
    name = text.strip().split(None, len(given))[len(given)] if given else text.strip()
    if kind in OUTSIDE_SCHEMAS:
        return Ref(kind, cursor(name, LEXICAL_RULES).name() if '"' in name else name)
    head, opening, arguments = name.partition("(")
    place, _, last = head.rpartition(".")
    if '"' in head:
        ref = cursor(head, LEXICAL_RULES).ref("table")
        place, last = ref.schema or "", ref.name
    place = place or schema or ""
    signature = f"{last}{opening}{arguments}"
    if kind in ("function", "procedure"):
        signature = routines.identity(signature, server.default_schema, kind)
    return Ref(kind or "table", signature, None if place in ("", server.default_schema) else place)


def on_known_objects(schema: Schema) -> Schema:
    """``schema`` in which each set of privileges is on the view or routine that it means: a GRANT names a routine without the
    names of its arguments, and a view like a table."""
    lost = [item for item in schema.objects() if _is_on_unknown(item, schema)]
    if not lost:
        return schema
    known = _by_name(ref for ref in schema if ref.table is None and ref.kind in ALL)
    meant = {
        item.ref: ref for item in lost if item.on is not None and (ref := _known_object(item.on, known)) is not None
    }
    if not meant:
        return schema
    return Schema(
        replace(item, on=meant[ref]) if isinstance(item, Definition) and ref in meant else item
        for ref, item in schema.items()
    )


def _by_name(refs: Iterable[Ref]) -> Mapping[tuple[str | None, str], Sequence[Ref]]:
    known: dict[tuple[str | None, str], list[Ref]] = {}
    for ref in refs:
        known.setdefault((ref.schema, ref.name.partition("(")[0]), []).append(ref)
    return known


def _is_on_unknown(item: Object, schema: Schema) -> TypeGuard[Definition]:
    return isinstance(item, Definition) and item.kind == "grant" and item.on is not None and item.on not in schema


def _known_object(on: Ref, known: Mapping[tuple[str | None, str], Sequence[Ref]]) -> Ref | None:
    candidates = known.get((on.schema, on.name.partition("(")[0]), ())
    if not kinds.of(on.kind).is_routine:
        return next((ref for ref in candidates if not kinds.of(ref.kind).is_routine), None)
    types = routines.types_of(on.name)
    return next((ref for ref in candidates if "(" in ref.name and routines.types_of(ref.name) == types), None)
