"""Describes the differences between two versions of one object, a line ``from → to`` for each.

Covers all fields that are compared; a field without a row in the tables below is shown as its plain value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from . import object_text as words
from .change_line import ChangeLine, Verb
from .dialect import SchemaDialect
from .model import (
    Check,
    Column,
    Definition,
    Domain,
    Enum,
    Exclude,
    ForeignKey,
    Identity,
    Index,
    Object,
    PrimaryKey,
    Projection,
    Sequence,
    Unique,
)
from .options import Options, OptionSpec


@dataclass(frozen=True, slots=True)
class _Sides:
    """Two versions of one object, and its name at the beginning of the line."""

    subject: str
    before: Any
    after: Any
    dialect: SchemaDialect

    def line(self, noun: str, before: str | None, after: str | None) -> Iterator[ChangeLine]:
        """The line of a change; if one side is ``None``, of an addition or removal."""
        if before == after:
            return
        verb = Verb.ADD if before is None else Verb.DROP if after is None else Verb.CHANGE
        yield ChangeLine(verb, self.subject, noun, before, after)

    def shown(self, noun: str, show: Callable[[Any], str | None]) -> Iterator[ChangeLine]:
        """The line of a change between the texts that ``show`` gives for each side."""
        return self.line(noun, show(self.before), show(self.after))


def object_differences(subject: str, before: Object, after: Object, dialect: SchemaDialect) -> Iterator[ChangeLine]:
    """The lines for all differences but those of name and place."""
    sides = _Sides(subject, before, after, dialect)
    special = next((row for kind, row in _FIELDS.items() if isinstance(after, kind)), {})
    done: set[object] = set()
    for field in fields(before):  # type: ignore[arg-type]
        old, new = getattr(before, field.name), getattr(after, field.name, None)
        if not field.compare or old == new or field.name in _PLACE or isinstance(old, Mapping):
            continue
        show = special.get(field.name) or _SHARED.get(field.name)
        if show is None:
            yield from sides.line(field.name.replace("_", " "), _plain(old), _plain(new))
        elif show not in done:
            done.add(show)
            yield from show(sides)


_PLACE = ("name", "schema", "table", "kind", "on", "partitions")


def _plain(value: object) -> str | None:
    return None if value is None else str(value)


# -- what several kinds have ------------------------------------------------------------------------------------------


def _comment(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("comment", lambda item: None if item.comment is None else words.literal(item.comment))


def _collation(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("collation", lambda item: item.collation)


def _type(sides: _Sides) -> Iterator[ChangeLine]:
    def show(item: Any) -> str | None:
        return None if item.type is None else words.type_text(item.type, sides.dialect)

    return sides.shown("", show)


def _nullable(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("", lambda item: "NULL" if item.nullable else "NOT NULL")


def _default(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("default", lambda item: None if item.default is None else words.default_text(item.default))


def _columns(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("columns", lambda item: words.column_list(item.columns, sides.dialect))


def _key(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("", lambda item: words.column_list(item.columns, sides.dialect))


def _include(sides: _Sides) -> Iterator[ChangeLine]:
    def show(item: Any) -> str | None:
        return words.column_list(item.include, sides.dialect) if item.include else None

    return sides.shown("INCLUDE", show)


def _where(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("WHERE", lambda item: _plain(item.where))


def _method(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("method", lambda item: item.method or "default")


def _distinct(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("", lambda item: "NULLS NOT DISTINCT" if item.nulls_not_distinct else "NULLS DISTINCT")


def _deferral(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("", words.deferral)


def _options(sides: _Sides) -> Iterator[ChangeLine]:
    kind = "identity" if isinstance(sides.after, Identity) else sides.after.kind
    specs = {spec.key: spec for spec in sides.dialect.options.get(kind, ())}
    old, new = _split(sides.before.options, specs), _split(sides.after.options, specs)
    counting = isinstance(sides.after, Identity | Sequence)
    for key in sorted({*old, *new}):
        spec = specs.get(key)
        default = spec.default if spec is not None and spec.default else "default" if counting else None
        yield from sides.line(key.replace("_", " "), old.get(key, default), new.get(key, default))


def _split(options: Options, specs: Mapping[str, OptionSpec]) -> dict[str, str]:
    """Options one by one, including those in a list of pairs."""
    values: dict[str, str] = {}
    for key, value in options:
        values.update(specs[key].split(value) if key in specs else {key: value})
    return values


# -- columns ----------------------------------------------------------------------------------------------------------


def _identity(sides: _Sides) -> Iterator[ChangeLine]:
    old, new = sides.before.identity, sides.after.identity
    if old is not None and new is not None and old.mode == new.mode:
        return _options(_Sides(f"{sides.subject}: identity", old, new, sides.dialect))

    def show(identity: Identity | None) -> str | None:
        return None if identity is None else words.identity_text(identity)

    return sides.line("" if old and new else "identity", show(old), show(new))


def _computed(sides: _Sides) -> Iterator[ChangeLine]:
    def show(item: Any) -> str | None:
        return None if item.computed is None else words.computed_text(item.computed)

    return sides.shown("GENERATED ALWAYS AS", show)


# -- members of tables ------------------------------------------------------------------------------------------------


def _elements(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("columns", lambda item: words.index_keys(item, sides.dialect))


def _unique(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("", lambda item: "unique" if item.unique else "not unique")


def _expression(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("", lambda item: item.expression.text)


def _query(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("", lambda item: item.query.text)


def _inheritance(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("", lambda item: "NO INHERIT" if item.no_inherit else "INHERIT")


def _target(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("", lambda item: words.target(item, sides.dialect))


def _on_delete(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("ON DELETE", lambda item: (item.on_delete or "no action").upper())


def _on_update(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("ON UPDATE", lambda item: (item.on_update or "no action").upper())


def _match(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("MATCH", lambda item: (item.match or "simple").upper())


def _exclusion(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("", lambda item: words.exclusion(item, sides.dialect))


# -- types ------------------------------------------------------------------------------------------------------------


def _values(sides: _Sides) -> Iterator[ChangeLine]:
    old, new = sides.before.values, sides.after.values
    for value in old:
        if value not in new:
            yield ChangeLine(Verb.DROP, sides.subject, "value", words.literal(value))
    for value in new:
        if value not in old:
            yield ChangeLine(Verb.ADD, sides.subject, "value", None, words.literal(value) + _place(value, new, old))
    former, now = [value for value in old if value in new], [value for value in new if value in old]
    if former != now:
        yield from sides.line("order of values", words.literals(former), words.literals(now))


def _place(value: str, values: tuple[str, ...], former: tuple[str, ...]) -> str:
    """`` before 'paid'`` if the new value is not the last."""
    following = next((other for other in values[values.index(value) + 1 :] if other in former), None)
    return f" before {words.literal(following)}" if following is not None else ""


def _checks(sides: _Sides) -> Iterator[ChangeLine]:
    old, new = dict(sides.before.checks), dict(sides.after.checks)
    for name in dict.fromkeys((*old, *new)):
        before, after = ((f"({item[name]})" if name in item else None) for item in (old, new))
        if old.get(name) != new.get(name):
            yield from sides.line(f"check {sides.dialect.quote(name)}", before, after)


def _definition(sides: _Sides) -> Iterator[ChangeLine]:
    return sides.shown("", lambda item: item.sql.text)


_Aspect = Callable[[_Sides], Iterable[ChangeLine]]
_SHARED: Mapping[str, _Aspect] = {
    "comment": _comment,
    "collation": _collation,
    "type": _type,
    "nullable": _nullable,
    "default": _default,
    "include": _include,
    "where": _where,
    "method": _method,
    "nulls_not_distinct": _distinct,
    "deferrable": _deferral,
    "initially": _deferral,
    "options": _options,
}
_FIELDS: Mapping[type[Object], Mapping[str, _Aspect]] = {
    Column: {"identity": _identity, "computed": _computed},
    PrimaryKey: {"columns": _key},
    Unique: {"columns": _columns},
    Index: {"elements": _elements, "unique": _unique},
    Check: {"expression": _expression, "no_inherit": _inheritance},
    Projection: {"query": _query},
    ForeignKey: {
        "columns": _columns,
        "ref_table": _target,
        "ref_columns": _target,
        "on_delete": _on_delete,
        "on_update": _on_update,
        "match": _match,
    },
    Exclude: {"elements": _exclusion},
    Enum: {"values": _values},
    Domain: {"checks": _checks},
    Definition: {"sql": _definition},
}
