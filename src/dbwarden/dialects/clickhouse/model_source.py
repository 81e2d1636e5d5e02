"""What models write for the objects of a database: types of the SQLAlchemy packages, and declarations of ``dbwarden.objects``.

The inverse of ``declarations`` and ``sqlalchemy_dialect``. What a declaration cannot say is left out and named, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dbwarden.core.ddl.cursor import Cursor, cursor
from dbwarden.core.declared_object import DeclaredObject, TypeCall, Value
from dbwarden.core.model import Check, Column, Definition, Index, Member, Object, Projection, Table
from dbwarden.core.types import parse_type

from .definition_keys import collection_keys
from .definition_reader import TableDefinition, read
from .engines import granularity
from .expressions import key_parts, settings_of
from .options import DEFAULT_SETTINGS
from .renderer import generation_kind
from .types import type_text
from .view_columns import own_properties
from .words import LEXICAL_RULES, name_of, string_value, unescaped

_TYPES = {"clickhouse": "clickhouse_sqlalchemy.types", "clickhousedb": "clickhouse_connect.cc_sqlalchemy.types"}
"""Modules by the name of SQLAlchemy's dialect."""
_NAME = re.compile(r"[A-Za-z_]\w*")


class _Clauses:
    """``core.declared_object.ClauseDeclarations``."""

    def types_module(self, sqlalchemy: str) -> str:
        return _TYPES[sqlalchemy]

    def type_call(self, column: Column) -> TypeCall | None:
        return _type_call(type_text(column.type, column.nullable))

    def clauses(self, item: Table | Column) -> Mapping[str, Value]:
        values: dict[str, Value] = dict(item.options)
        if isinstance(item, Column):
            values |= _generated(item)
        if text := item.options.get("settings"):
            values["settings"] = {name: _setting(value) for name, value in settings_of(text).items()}
        return values

    def member(self, item: Member) -> DeclaredObject | None:
        name = item.name or ""
        match item:
            case Index():
                expression = ", ".join(str(element.expression or element.column) for element in item.elements)
                method = None if item.method == "minmax" else item.method
                named = {"type": method, "granularity": _granularity(item)}
                return DeclaredObject("SkippingIndex", name, expression, named)
            case Projection():
                return DeclaredObject(
                    "TableProjection", name, item.query.text, {"settings": item.options.get("settings")}
                )
            case Check() if item.options.get("assume") == "true":
                return DeclaredObject("Assumption", name, item.expression.text)
        return None

    def key(self, table: Table) -> tuple[str, ...]:
        parts = tuple(name_of(part) for part in key_parts(table.options.get("order_by") or ""))
        plain = all(part in table.columns and not table.columns[part].nullable for part in parts)
        return parts if plain else ()


CLAUSES = _Clauses()


def _generated(column: Column) -> Mapping[str, Value]:
    """Arguments for the expression behind MATERIALIZED, ALIAS or EPHEMERAL."""
    match generation_kind(column):
        case "EPHEMERAL":
            return {"ephemeral": column.default.text if column.default is not None else True}
        case "MATERIALIZED" | "ALIAS" as kind if column.computed is not None:
            return {kind.lower(): column.computed.expression.text}
    return {}


def _granularity(index: Index) -> int | None:
    declared = index.options.get("granularity")
    of_type = granularity(index.method or "", None)
    return None if declared is None or declared == of_type else int(declared)


def _setting(text: str) -> Value:
    value = string_value(text) if text[:1] == "'" else None
    if value is not None:
        return value
    try:
        return int(text)
    except ValueError:
        return float(text)


# -- types ------------------------------------------------------------------------------------------------------------


def _type_call(text: str) -> TypeCall | None:
    """The type of this text with types and values as arguments. A caller compares what it makes."""
    parsed = parse_type(text, LEXICAL_RULES)
    if not _NAME.fullmatch(parsed.name):
        return None
    if parsed.name in ("Enum8", "Enum16"):
        return _enum(parsed.name, parsed.args)
    arguments = tuple(map(_argument, parsed.args))
    return TypeCall(parsed.name, arguments) if None not in arguments else None


def _enum(name: str, values: tuple[str, ...]) -> TypeCall:
    pairs = [value.rpartition("=") for value in values]
    keys = tuple(unescaped(key.strip()) for key, _, _ in pairs)
    return TypeCall(name, (), {"keys": keys, "values": tuple(int(number) for _, _, number in pairs)})


def _argument(text: str) -> TypeCall | Value:
    if text[:1] == "'":
        return unescaped(text)
    if text.lstrip("-").isdecimal():
        return int(text)
    if text[:1].isupper() and " " not in text.partition("(")[0]:
        return _type_call(text)
    return text if _NAME.fullmatch(text) else None  # the function of an AggregateFunction


# -- views, dictionaries, functions, named collections ------------------------------------------------------------------


def declaration(item: Object) -> DeclaredObject | None:
    """What models write for an object beside the tables; ``None`` if they cannot."""
    if not isinstance(item, Definition):
        return None
    sql = item.sql.text
    match item.kind:
        case "function":
            return DeclaredObject("Function", item.name, _behind_name(sql, "FUNCTION"))
        case "named_collection":
            return DeclaredObject("NamedCollection", item.name, collection_keys(sql))
        case "dictionary":
            return _dictionary(item.name, sql)
        case "view":
            definition = read(sql)
            return DeclaredObject("View", item.name, definition.clauses.get("as"), {"comment": definition.comment})
        case "materialized_view":
            return _materialized_view(item.name, read(sql))
    return None


def _behind_name(sql: str, word: str) -> str:
    at = cursor(sql, LEXICAL_RULES)
    at.until(word)
    at.skip(word)
    at.skip("IF", "NOT", "EXISTS")
    at.take()
    return at.source(at.rest())


def _materialized_view(name: str, definition: TableDefinition) -> DeclaredObject | None:
    clauses = definition.clauses
    to = clauses.get("to")
    if to is not None and not _is_one_name(to):
        return None
    named: dict[str, Value] = {key: clauses.get(key) for key in _OF_TABLE}
    if any(own_properties(definition)):
        named["columns"] = definition.elements
    settings = {**settings_of(clauses.get("settings") or "")}
    changed = [f"{key} = {value}" for key, value in settings.items() if DEFAULT_SETTINGS.get(key) != value]
    named |= {"settings": ", ".join(changed) or None}
    if named["engine"] == "MergeTree":
        named["engine"] = None
    if to is not None:
        named = {"to": name_of(to)}
    named |= {"refresh": clauses.get("refresh"), "comment": definition.comment}
    return DeclaredObject("MaterializedView", name, clauses.get("as"), named)


_OF_TABLE = ("engine", "order_by", "partition_by", "primary_key", "sample_by", "ttl")


def _is_one_name(text: str) -> bool:
    at = cursor(text, LEXICAL_RULES)
    at.take()
    return at.at_end


def _dictionary(name: str, sql: str) -> DeclaredObject | None:
    at = cursor(sql, LEXICAL_RULES)
    at.until("(")
    columns = at.source(at.group())
    values: dict[str, Value] = dict(_dictionary_clauses(at))
    if not {"primary_key", "source", "layout"} <= values.keys():
        return None
    return DeclaredObject("Dictionary", name, columns, values)


def _dictionary_clauses(at: Cursor) -> Iterator[tuple[str, Value]]:
    while not at.at_end:
        if at.skip("PRIMARY", "KEY"):
            yield "primary_key", at.source(at.until("SOURCE", "LIFETIME", "LAYOUT", "RANGE", "SETTINGS", "COMMENT"))
            continue
        word = at.word()
        at.take()
        if word in ("SOURCE", "LIFETIME", "LAYOUT", "RANGE", "SETTINGS"):
            yield word.lower(), at.source(at.group())
        elif word == "COMMENT" and (token := at.take()) is not None:
            yield "comment", unescaped(token.text)
