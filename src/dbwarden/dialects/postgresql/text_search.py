"""Dictionaries and configurations of full-text search.

The text of a configuration is its CREATE statement and one ADD MAPPING for each list of dictionaries, sorted, as inspection
composes it too. Parsers and templates are made of functions in C, and stay with extensions
(https://www.postgresql.org/docs/current/sql-createtsconfig.html).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dbwarden.core.ddl.cursor import Cursor, cursor
from dbwarden.core.declared_object import DeclaredObject, Value
from dbwarden.core.model import Definition
from dbwarden.core.sqltext import split
from dbwarden.core.tokens import literal as value_of
from dbwarden.core.types import Expression
from dbwarden.dialects.base.names import literal
from dbwarden.errors import ModelReadError

from . import names
from .words import LEXICAL_RULES

DICTIONARY, CONFIGURATION = "text_search_dictionary", "text_search_configuration"
KINDS = (DICTIONARY, CONFIGURATION)
_ALTER = {DICTIONARY: "ALTER TEXT SEARCH DICTIONARY", CONFIGURATION: "ALTER TEXT SEARCH CONFIGURATION"}


# -- from models ------------------------------------------------------------------------------------------------------


def definition(item: Any) -> Definition:
    """The definition of a declared dictionary or configuration. Raises ``ModelReadError``."""
    place = names.qualified(item.name, item.schema)
    if item.kind == DICTIONARY:
        options = {str(key): str(value) for key, value in (item.options or {}).items()}
        text = f"CREATE TEXT SEARCH DICTIONARY {place} (TEMPLATE = {item.template}{_options(options)})"
        return Definition(DICTIONARY, item.name, Expression(text), item.schema, comment=item.comment)
    mappings = dict(_mappings(item))
    used = {name for dictionaries in mappings.values() for name in dictionaries}
    text = ";\n".join(
        (f"CREATE TEXT SEARCH CONFIGURATION {place} (PARSER = {_parser(item)})", *_added(place, mappings))
    )
    needs = frozenset(cursor(name, LEXICAL_RULES).ref(DICTIONARY) for name in used)
    return Definition(CONFIGURATION, item.name, Expression(text), item.schema, comment=item.comment, needs=needs)


def _parser(item: Any) -> str:
    return '"default"' if item.parser.lower() in ("default", "pg_catalog.default") else str(item.parser)


def _options(options: Mapping[str, str]) -> str:
    return "".join(f", {names.quote(name)} = {literal(value)}" for name, value in options.items())


def _mappings(item: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each type of token with its dictionaries. Raises ``ModelReadError`` for one that is mapped twice."""
    seen: set[str] = set()
    for tokens, dictionaries in item.mappings.items():
        for token in _listed(tokens):
            if token in seen:
                reason = f"it maps {token} twice"
                raise ModelReadError(where=f"text search configuration {item.name}", reason=reason)
            seen.add(token)
            yield token, _listed(dictionaries)


def _listed(text: Any) -> tuple[str, ...]:
    parts = text.split(",") if isinstance(text, str) else text
    return tuple(str(part).strip() for part in parts)


def _added(place: str, mappings: Mapping[str, tuple[str, ...]], verb: str = "ADD") -> Iterator[str]:
    """ADD MAPPING, or ALTER MAPPING, for each list of dictionaries."""
    by_dictionaries: dict[tuple[str, ...], list[str]] = {}
    for token, dictionaries in mappings.items():
        by_dictionaries.setdefault(dictionaries, []).append(token)
    grouped = ((", ".join(sorted(tokens)), ", ".join(listed)) for listed, tokens in by_dictionaries.items())
    for names_of_tokens, names_of_dictionaries in sorted(grouped):
        yield f"{_ALTER[CONFIGURATION]} {place} {verb} MAPPING FOR {names_of_tokens} WITH {names_of_dictionaries}"


# -- changes ----------------------------------------------------------------------------------------------------------


def alters(before: Definition, after: Definition) -> bool:
    """Whether ALTER makes the change: it changes options and mappings, and neither template nor parser."""
    return _base(before.sql.text) == _base(after.sql.text)


def alter(before: Definition, after: Definition) -> Iterator[str]:
    """ALTER TEXT SEARCH of what differs."""
    place = names.qualified(after.name, after.schema)
    if after.kind == DICTIONARY:
        old, new = options_of(before.sql.text), options_of(after.sql.text)
        changed = [f"{names.quote(name)} = {literal(value)}" for name, value in new.items() if old.get(name) != value]
        changed += [names.quote(name) for name in old if name not in new]
        if changed:
            yield f"{_ALTER[DICTIONARY]} {place} ({', '.join(changed)})"
        return
    former, wanted = mappings_of(before.sql.text), mappings_of(after.sql.text)
    if gone := sorted(former.keys() - wanted.keys()):
        yield f"{_ALTER[CONFIGURATION]} {place} DROP MAPPING FOR {', '.join(gone)}"
    changed_mappings = {token: listed for token, listed in wanted.items() if former.get(token, listed) != listed}
    yield from _added(place, changed_mappings, "ALTER")
    yield from _added(place, {token: listed for token, listed in wanted.items() if token not in former})


# -- reading texts ----------------------------------------------------------------------------------------------------


def _pairs(sql: str) -> dict[str, str]:
    """What stands between the parentheses of CREATE TEXT SEARCH, by its names."""
    at = cursor(sql, LEXICAL_RULES)
    at.until("(")
    pairs: dict[str, str] = {}
    for item in at.items(at.group()):
        name = item.name()
        item.skip("=")
        token = item.token()
        text = token.text if token is not None else ""
        pairs[name] = value_of(token) if token is not None and text.startswith("'") else item.source(item.rest())
    return pairs


def _base(sql: str) -> str:
    pairs = {name.lower(): value for name, value in _pairs(sql).items()}
    return pairs.get("template", pairs.get("parser", "")).lower().removeprefix("pg_catalog.").strip('"')


def options_of(sql: str) -> dict[str, str]:
    """The options of a dictionary, without its template."""
    return {name: value for name, value in _pairs(sql).items() if name.lower() != "template"}


def mappings_of(sql: str) -> dict[str, tuple[str, ...]]:
    """The dictionaries by type of token, from the ADD MAPPING statements behind CREATE."""
    mappings: dict[str, tuple[str, ...]] = {}
    for statement in split(sql, LEXICAL_RULES):
        at = cursor(statement.text, LEXICAL_RULES)
        if at.find("FOR"):
            tokens = at.source(at.until("WITH"))
            at.take()
            dictionaries = _listed(at.source(at.rest()))
            mappings |= dict.fromkeys(_listed(tokens), dictionaries)
    return mappings


def declaration(item: Definition) -> DeclaredObject:
    """What models write for a dictionary or configuration."""
    named: dict[str, Value] = {"schema": item.schema, "comment": item.comment}
    if item.kind == DICTIONARY:
        template = {name.lower(): value for name, value in _pairs(item.sql.text).items()}.get("template", "")
        return DeclaredObject(
            "TextSearchDictionary", item.name, template, {"options": options_of(item.sql.text) or None, **named}
        )
    grouped: dict[tuple[str, ...], list[str]] = {}
    for token, dictionaries in mappings_of(item.sql.text).items():
        grouped.setdefault(dictionaries, []).append(token)
    mappings: Value = {", ".join(tokens): ", ".join(dictionaries) for dictionaries, tokens in grouped.items()}
    parser = {name.lower(): value for name, value in _pairs(item.sql.text).items()}.get("parser", "").strip('"')
    return DeclaredObject(
        "TextSearchConfiguration", item.name, mappings, {"parser": parser if parser != "default" else None, **named}
    )


def declared_dictionary(at: Cursor, sql: str) -> Iterator[DeclaredObject]:
    """The dictionary of a schema file."""
    ref = at.ref(DICTIONARY)
    yield declaration(Definition(DICTIONARY, ref.name, Expression(sql), ref.schema))
