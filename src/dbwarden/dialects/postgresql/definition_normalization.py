"""Normalising declared definitions: the server prints them from a schema that exists for one transaction.

1. Create the schemas, one for each namespace, and put the first before the others in ``search_path``. A view in them takes no
   lock but the one that a query takes.
2. Create the range types, routines, views and materialized views (without rows), then inspect them.
3. Create copies of the tables on which triggers, rules, policies and statistics stand, without rows, and these on them; inspect
   again. They come last because they hide the tables that views read.
4. Roll back. A definition that the server refuses, because it needs what does not exist yet, stays as the models have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from dbwarden.core import kinds, topology
from dbwarden.core.dialect import Connection, Scope, Server
from dbwarden.core.model import Check, Definition, Object, Schema, dependent_kind
from dbwarden.core.sqltext import Token, split
from dbwarden.core.tokens import readable
from dbwarden.core.types import Expression, Ref

from . import inspect, names, publications, text_search
from .attempts import attempts
from .words import LEXICAL_RULES

_PREFIX = "dbwarden_definitions"
_EMPTY = " WITH NO DATA"
_ON_TABLES = ("trigger", "rule", "policy", "statistics", "publication_table")
_WITHOUT_TABLE = (
    "collation",
    "text_search_dictionary",
    "text_search_configuration",
    "range_type",
    "function",
    "procedure",
    "aggregate",
    "view",
    "materialized_view",
)
_COMPOSED = (
    "collation",
    "text_search_dictionary",
    "text_search_configuration",
    "view",
    "materialized_view",
    "statistics",
    "range_type",
)
"""Kinds whose CREATE statement inspection composes: it leaves out the default namespace before their names."""


@dataclass(frozen=True, slots=True)
class _Places:
    """The schemas of one transaction, by the namespaces whose definitions they have."""

    schemas: Mapping[str | None, str]
    default: str

    def original(self, text: str) -> str:
        """A printed text with the names of the namespaces."""
        for namespace, schema in self.schemas.items():
            text = text.replace(f"{schema}.", f"{names.quote(namespace or self.default)}.")
        return text

    def original_ref(self, ref: Ref) -> Ref:
        """The identity of an object outside of these schemas."""
        namespaces = {schema: namespace for namespace, schema in self.schemas.items()}
        return ref._replace(schema=namespaces[ref.schema]) if ref.schema in namespaces else ref


def normalize_definitions(conn: Connection, declared: Sequence[Definition], desired: Schema, server: Server) -> Schema:
    """``desired`` with the ``declared`` definitions as this server prints them. Raises ``DatabaseError``."""
    default = server.default_schema or "public"
    session = conn.query("SELECT pg_catalog.pg_backend_pid()")[0][0]
    namespaces = dict.fromkeys((None, *(item.schema for item in declared)))
    places = _Places({name: f"{_PREFIX}_{session}_{at}" for at, name in enumerate(namespaces)}, default)
    printed: dict[Ref, Definition] = {}
    conn.begin()
    try:
        for schema in places.schemas.values():
            conn.execute(f"CREATE SCHEMA {schema}")
        conn.query(
            "SELECT pg_catalog.set_config('check_function_bodies', 'off', true), pg_catalog.set_config('search_path', "
            f"'{places.schemas[None]}, ' || pg_catalog.current_setting('search_path'), true)"
        )
        free = [item for item in _in_order(declared) if item.kind in _WITHOUT_TABLE]
        printed |= _printed(conn, free, places, server)
        on_tables = [item for item in declared if item.kind in _ON_TABLES]
        if on_tables:
            conn.execute(attempts(_copies(on_tables, places)))
            printed |= _printed(conn, on_tables, places, server)
            printed |= _printed_filters(conn, on_tables, places, server)
    finally:
        conn.rollback()
    return Schema(_normalized(item, printed.get(ref)) for ref, item in desired.items())


def _in_order(declared: Sequence[Definition]) -> Iterator[Definition]:
    places = {item.ref: at for at, item in enumerate(declared)}
    edges = [sorted(places[ref] for ref in item.uses() if ref in places and ref != item.ref) for item in declared]
    return (declared[at] for at in topology.depth_first(edges))


def _printed(
    conn: Connection, items: Sequence[Definition], places: _Places, server: Server
) -> Mapping[Ref, Definition]:
    """Those of the definitions that the server accepts, as it prints them."""
    conn.execute(attempts(text for item in items for text in _statements(item, places)))
    read = inspect.read(conn, Scope(tuple(places.schemas.values())), server)
    definitions = (_moved(item, places) for item in read if isinstance(item, Definition))
    refs = {item.ref for item in items}
    return {item.ref: item for item in definitions if item.ref in refs}


def _printed_filters(
    conn: Connection, items: Sequence[Definition], places: _Places, server: Server
) -> Mapping[Ref, Definition]:
    """Tables of publications, with their conditions as the server prints them for checks of copies of these tables."""
    filtered = [
        item for item in items if item.kind == "publication_table" and publications.table_clauses(item.sql.text)[1]
    ]
    if not filtered:
        return {}
    read = inspect.read(conn, Scope(tuple(places.schemas.values())), server)
    checks = {item.name: item.expression.text for item in read if isinstance(item, Check)}
    printed = {}
    for item in filtered:
        columns, _ = publications.table_clauses(item.sql.text)
        condition = checks.get(_filter_name(item))
        if condition is not None and item.on is not None:
            definition = publications.table_definition(item.name, item.on, columns, places.original(condition))
            printed[item.ref] = replace(item, sql=definition.sql)
    return printed


def _filter_name(item: Definition) -> str:
    """Name of the check that stands for the condition of a published table, unique by publication and table."""
    return f"{_PREFIX}_{sha256(str(item.ref).encode()).hexdigest()[:16]}"


def _moved(item: Definition, places: _Places) -> Definition:
    """A printed definition in its own namespace."""
    ref, text = places.original_ref(item.ref), item.sql.text
    if item.kind in _COMPOSED:
        former, name = names.qualified(item.name, item.schema), names.qualified(item.name, ref.schema)
        text = text.replace(former, name, -1 if item.kind == text_search.CONFIGURATION else 1)
    return replace(
        item,
        name=places.original(item.name),
        schema=ref.schema,
        on=places.original_ref(item.on) if item.on is not None else None,
        sql=Expression(places.original(text.removesuffix(_EMPTY))),
        dependents=tuple(map(places.original, item.dependents)),
        needs=frozenset(map(places.original_ref, item.needs)),
    )


def _normalized(item: Object, printed: Definition | None) -> Object:
    if not isinstance(item, Definition) or printed is None:
        return item
    sql = replace(item.sql, key=printed.sql.key)
    others = tuple(text for text in item.dependents if not _is_index(text))
    dependents = (*filter(_is_index, printed.dependents), *others)
    return replace(item, sql=sql, dependents=dependents, columns=printed.columns, needs=item.needs | printed.needs)


def _is_index(statement: str) -> bool:
    return dependent_kind(statement) == "index"


# -- statements -------------------------------------------------------------------------------------------------------


def _copies(items: Iterable[Definition], places: _Places) -> Iterator[str]:
    """Empty copies of the tables and views on which the definitions stand."""
    for relation in dict.fromkeys(item.on for item in items if item.on is not None):
        copy = names.qualified(relation.name, places.schemas[relation.schema])
        original = names.qualified(relation.name, relation.schema or places.default)
        if relation.kind == "view":  # one that is declared exists already
            yield f"CREATE VIEW {copy} AS SELECT * FROM {original}"
        else:
            yield f"CREATE TABLE {copy} (LIKE {original})"


def _statements(item: Definition, places: _Places) -> Iterator[str]:
    """The statements that create a definition in its schema for this transaction."""
    schema = places.schemas[item.schema]
    if item.kind == "publication_table":
        _, where = publications.table_clauses(item.sql.text)
        copy = names.qualified(item.on.name if item.on is not None else "", schema)
        if where is not None:
            yield f"ALTER TABLE {copy} ADD CONSTRAINT {_filter_name(item)} CHECK ({where})"
        return
    if item.kind == text_search.CONFIGURATION:
        for one in split(item.sql.text, LEXICAL_RULES):
            yield _in_schema(replace(item, sql=Expression(one.text)), schema)
        return
    text = _in_schema(item, schema)
    yield text + _EMPTY if item.kind == "materialized_view" and not text.upper().endswith(_EMPTY) else text
    for statement in filter(_is_index, item.dependents):
        yield _on_relation(statement, schema)


def _in_schema(item: Definition, schema: str) -> str:
    """CREATE of the object, or of a trigger, rule or policy on the copy of its table, in ``schema``."""
    words = kinds.title(item.kind).upper().split()
    tokens = readable(item.sql.text, LEXICAL_RULES)
    at = next((at for at, token in enumerate(tokens) if token.text.upper() == words[-1]), 0) + 1
    if item.kind == "statistics":
        text = _with_schema(item.sql.text, tokens, at, schema)
        tokens = readable(text, LEXICAL_RULES)
        return _with_schema(text, tokens, _behind(tokens, "FROM", at), schema)
    if item.on is not None:
        at = _behind(tokens, "TO" if item.kind == "rule" else "ON", at)
    return _with_schema(item.sql.text, tokens, at, schema)


def _on_relation(statement: str, schema: str) -> str:
    """CREATE INDEX on the relation in ``schema``."""
    tokens = readable(statement, LEXICAL_RULES)
    return _with_schema(statement, tokens, _behind(tokens, "ON", 0), schema)


def _behind(tokens: Sequence[Token], word: str, start: int) -> int:
    return next((at + 1 for at in range(start, len(tokens)) if tokens[at].text.upper() == word), len(tokens))


def _with_schema(text: str, tokens: Sequence[Token], at: int, schema: str) -> str:
    """The text with ``schema`` before the name that begins at a token, instead of the schema that it has."""
    if at >= len(tokens):
        return text
    qualified = at + 2 < len(tokens) and tokens[at + 1].text == "."
    name = tokens[at + 2 if qualified else at]
    return f"{text[: tokens[at].start]}{schema}.{text[name.start :]}"
