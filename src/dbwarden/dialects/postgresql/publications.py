"""Publications of logical replication: what they publish, and the tables and schemas that they consist of.

A publication is one definition; each of its tables, with its columns and its rows, is another one on that table, and each of
its schemas a third kind. So a table comes and goes without touching the rest
(https://www.postgresql.org/docs/current/sql-alterpublication.html).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from dbwarden.core.ddl.cursor import Cursor, cursor
from dbwarden.core.ddl.statements import AlterPublication, CreatePublication
from dbwarden.core.declared_object import DeclaredObject, Value
from dbwarden.core.dialect import Server
from dbwarden.core.model import Definition, Schema
from dbwarden.core.sqltext import TokenKind
from dbwarden.core.tokens import literal as value_of
from dbwarden.core.types import Expression, Ref
from dbwarden.dialects.base.declarations import plain_text, query_text
from dbwarden.errors import ModelReadError

from . import names
from .words import LEXICAL_RULES

KINDS = frozenset(("publication", "published_table", "published_schema"))
"""Kinds of declarations."""
_ACTIONS = ("insert", "update", "delete", "truncate")
"""What can be published, in the order in which the server lists it."""


# -- declarations -----------------------------------------------------------------------------------------------------


def declared(items: Iterable[Any], sqlalchemy: Any, server: Server) -> Iterator[Definition]:
    """The definitions of declared publications, their tables and their schemas. Raises ``ModelReadError``."""
    for item in items:
        match item.kind:
            case "publication":
                yield _publication(item)
                for table in item.tables:
                    yield _table(item.name, table, (), None, server)
                for schema in item.schemas:
                    yield _schema(item.name, schema, server)
            case "published_table":
                where = query_text(item.where, sqlalchemy) if item.where is not None else None
                yield _table(item.name, item.on, item.columns, where, server)
            case _:
                yield _schema(item.name, item.of, server)


def _publication(item: Any) -> Definition:
    if item.all_tables and (item.tables or item.schemas):
        reason = "all_tables leaves nothing to name: it has tables or schemas too"
        raise ModelReadError(where=f"publication {item.name}", reason=reason, hint="Keep one of them.")
    actions = _published(item)
    text = f"CREATE PUBLICATION {names.quote(item.name)}" + (" FOR ALL TABLES" if item.all_tables else "")
    text += _with(actions, via_root=item.via_root, options=dict(item.options))
    return Definition("publication", item.name, Expression(text), comment=item.comment)


def _published(item: Any) -> tuple[str, ...]:
    operations = item.publish if not isinstance(item.publish, str) else item.publish.split(",")
    actions = {action.strip().lower() for action in operations}
    if unknown := sorted(actions - set(_ACTIONS)):
        reason = f"{', '.join(unknown)} cannot be published: {', '.join(_ACTIONS)}"
        raise ModelReadError(where=f"publication {item.name}", reason=reason, hint="Correct `publish` in the models.")
    return tuple(action for action in _ACTIONS if action in actions)


def _with(actions: tuple[str, ...], *, via_root: bool, options: dict[str, Any]) -> str:
    """WITH (...) without the defaults of the server, with a leading blank."""
    values = {name: str(value).lower() for name, value in options.items()}
    if actions != _ACTIONS:
        values["publish"] = f"'{', '.join(actions)}'"
    if via_root:
        values["publish_via_partition_root"] = "true"
    listed = ", ".join(f"{name} = {value}" for name, value in sorted(values.items()))
    return f" WITH ({listed})" if listed else ""


def _table(publication: str, on: Any, columns: Iterable[str], where: str | None, server: Server) -> Definition:
    ref = _ref(on, server)
    return table_definition(publication, ref, tuple(columns), plain_text(where) if where is not None else None)


def _ref(on: Any, server: Server) -> Ref:
    """The table that a mapped class, a table or a name means."""
    table = getattr(on, "__table__", on)
    if isinstance(table, str):
        schema, _, name = table.rpartition(".")
    else:
        schema, name = str(table.schema) if table.schema is not None else "", str(table.name)
    return Ref("table", name, schema if schema not in ("", server.default_schema) else None)


def table_definition(publication: str, on: Ref, columns: tuple[str, ...], where: str | None) -> Definition:
    """A table of a publication, with the columns sorted as inspection sorts them."""
    text = f"ALTER PUBLICATION {names.quote(publication)} ADD TABLE ONLY {names.of(on)}"
    text += f" ({', '.join(names.quote(column) for column in sorted(columns))})" if columns else ""
    text += f" WHERE ({where})" if where else ""
    needs = frozenset((Ref("publication", publication),))
    return Definition("publication_table", publication, Expression(text), on.schema, on, needs=needs)


def _schema(publication: str, schema: str, server: Server) -> Definition:
    text = f"ALTER PUBLICATION {names.quote(publication)} ADD TABLES IN SCHEMA {names.quote(schema)}"
    place = schema if schema != server.default_schema else None
    needs = frozenset((Ref("publication", publication),))
    return Definition("publication_schema", publication, Expression(text), place, needs=needs)


def declarations_of(at: Cursor, sql: str) -> Iterator[DeclaredObject]:
    """What CREATE PUBLICATION declares, behind these words: the tables with columns or rows first, the publication last."""
    name, settings = at.name(), options(sql)
    tables, schemas = _objects(at) if at.skip("FOR") and at.word() != "ALL" else ([], [])
    whole = []
    for on, columns, where in tables:
        path = f"{on.schema}.{on.name}" if on.schema else on.name
        if columns or where:
            named: dict[str, Value] = {"on": path, "columns": columns or None, "where": where}
            yield DeclaredObject("PublishedTable", name, named=named)
        else:
            whole.append(path)
    yield DeclaredObject("Publication", name, tuple(whole), named={
        "schemas": tuple(schema or "public" for schema in schemas) or None, **arguments(settings),
    })  # fmt: skip


def arguments(settings: Mapping[str, str]) -> dict[str, Value]:
    """The options of a publication as arguments of its declaration."""
    rest = {key: value for key, value in settings.items() if key not in (*_DEFAULTS, "all_tables")}
    return {
        "all_tables": True if "all_tables" in settings else None,
        "publish": settings.get("publish"),
        "via_root": True if settings.get("publish_via_partition_root") in ("true", "on", "1") else None,
        "options": rest or None,
    }


# -- clauses ----------------------------------------------------------------------------------------------------------


def table_clauses(sql: str) -> tuple[tuple[str, ...], str | None]:
    """The columns of ALTER PUBLICATION ... ADD TABLE, and its condition."""
    at = cursor(sql, LEXICAL_RULES)
    at.until("TABLE")
    at.skip("TABLE")
    return _of_table(at)[1:]


def _of_table(at: Cursor) -> tuple[Ref, tuple[str, ...], str | None]:
    at.skip("ONLY")
    on = at.table_name()
    at.skip("*")
    columns = at.names() if at.word() == "(" else ()
    where = at.source(at.group()) if at.skip("WHERE") else None
    return on, columns, where


def options(sql: str) -> dict[str, str]:
    """The options of CREATE PUBLICATION, with the values as SQL without quotes; ``all_tables`` if it has that clause."""
    at = cursor(sql, LEXICAL_RULES)
    found: dict[str, str] = {}
    at.until("FOR", "WITH")
    if at.words(3) == ("FOR", "ALL", "TABLES"):
        found["all_tables"] = "true"
    if at.find("WITH"):
        for item in at.items(at.group()):
            name = item.name()
            item.skip("=")
            token = item.take()
            if token is not None:
                found[name] = value_of(token) if token.kind is TokenKind.STRING else token.text.lower()
    return found


def goes_with_publication(item: Definition, after: Schema) -> bool:
    """Whether a table or schema of a publication needs no statement, because the publication is dropped."""
    return item.kind in ("publication_table", "publication_schema") and Ref("publication", item.name) not in after


_DEFAULTS = {"publish": "'insert, update, delete, truncate'", "publish_via_partition_root": "false"}


def alters(before: Definition, after: Definition) -> bool:
    """Whether ALTER PUBLICATION makes the change: not from or to all tables."""
    return options(before.sql.text).get("all_tables") == options(after.sql.text).get("all_tables")


def alter(before: Definition, after: Definition) -> Iterator[str]:
    """ALTER PUBLICATION ... SET with the options that differ."""
    old, new = options(before.sql.text), options(after.sql.text)
    values = {name: _DEFAULTS.get(name, "''") for name in old if name not in new}
    values |= {name: _written(name, value) for name, value in new.items() if old.get(name) != value}
    if values:
        listed = ", ".join(f"{name} = {value}" for name, value in sorted(values.items()))
        yield f"ALTER PUBLICATION {names.quote(after.name)} SET ({listed})"


def _written(name: str, value: str) -> str:
    return f"'{value}'" if name == "publish" else value


# -- statements of files ----------------------------------------------------------------------------------------------


def read(sql: str, default_schema: str | None) -> CreatePublication | AlterPublication:
    """CREATE or ALTER PUBLICATION."""
    at = cursor(sql, LEXICAL_RULES, default_schema)
    created = at.skip("CREATE", "PUBLICATION")
    if not created:
        at.skip("ALTER", "PUBLICATION")
    return _create(at) if created else _alter(at)


def _create(at: Cursor) -> CreatePublication:
    """CREATE PUBLICATION behind these words, with what it publishes from the beginning."""
    name = at.name()
    tables, schemas = _objects(at) if at.skip("FOR") and at.word() != "ALL" else ([], [])
    on = tuple(table for table, _, _ in tables)
    return CreatePublication("publication", Ref("publication", name), members=_refs(name, on, schemas), tables=on)


def _alter(at: Cursor) -> AlterPublication:
    """ALTER PUBLICATION behind these words."""
    name = at.name()
    words, verb = at.words(), at.word()
    refs: tuple[Ref, ...] = ()
    on: tuple[Ref, ...] = ()
    if verb in ("ADD", "DROP", "SET") and at.word(1) in ("TABLE", "TABLES"):
        at.take()
        tables, schemas = _objects(at)
        on = tuple(table for table, _, _ in tables)
        refs = _refs(name, on, schemas)
    added, dropped = (refs, ()) if verb != "DROP" else ((), refs)
    return AlterPublication("publication", Ref("publication", name), words, added=added, dropped=dropped, tables=on)


_PublishedTable: TypeAlias = tuple[Ref, tuple[str, ...], str | None]


def _objects(at: Cursor) -> tuple[list[_PublishedTable], list[str | None]]:
    """The tables and schemas of a list such as ``TABLE a, b (c) WHERE (d), TABLES IN SCHEMA s``."""
    tables: list[_PublishedTable] = []
    schemas: list[str | None] = []
    in_schema = False
    while not at.at_end and at.word() != "WITH":
        if at.skip("TABLES", "IN", "SCHEMA"):
            in_schema = True
        elif at.skip("TABLE"):
            in_schema = False
        if in_schema:
            schemas.append(at.schema(at.name()))
        else:
            tables.append(_of_table(at))
        if not at.skip(","):
            break
    return tables, schemas


def _refs(name: str, tables: Iterable[Ref], schemas: Iterable[str | None]) -> tuple[Ref, ...]:
    of_tables = (Ref("publication_table", name, table.schema, table.name) for table in tables)
    return (*of_tables, *(Ref("publication_schema", name, schema) for schema in schemas))
