"""Declarations of ``dbwarden.objects`` beside tables, as definitions with their CREATE statements.

Models import the declarations; a dialect only sees their attributes, because models and dialects do not import one another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from textwrap import dedent
from typing import Any

from dbwarden.core.ddl.statements import Statement
from dbwarden.core.model import Definition
from dbwarden.core.types import Expression, Ref
from dbwarden.errors import ModelReadError

INFO, _OBJECTS = "dbwarden", "objects"
"""Keys of the declarations in ``MetaData.info``."""
_WORDS = {"materialized_view": "MATERIALIZED VIEW", "event_trigger": "EVENT TRIGGER"}


def declarations(metadata: Any, kinds: Collection[str]) -> Iterator[Any]:
    """The declarations of a metadata, in their order, of the kinds that an engine has."""
    return (item for item in metadata.info.get(INFO, {}).get(_OBJECTS, ()) if item.kind in kinds)


def query_text(query: Any, sqlalchemy: Any) -> str:
    """A query as text; one of SQLAlchemy with its values in it."""
    if isinstance(query, str):
        return plain_text(query)
    text = str(query.compile(dialect=sqlalchemy, compile_kwargs={"literal_binds": True}))
    return "\n".join(line.rstrip() for line in text.splitlines())


def plain_text(text: str) -> str:
    """A text of the models without its indentation and without the semicolon at its end."""
    return dedent(text).strip().removesuffix(";").rstrip()


def create_statement(item: Any, name: str, sqlalchemy: Any) -> str:
    """The CREATE statement of a declared view, routine, trigger, rule or event; ``name`` is as SQL, with its schema."""
    head = f"CREATE {_WORDS.get(item.kind, item.kind.upper())} {name}"
    if item.kind not in ("view", "materialized_view"):
        return f"{head} {plain_text(item.definition)}"
    options = f" {plain_text(item.options)}" if item.options else ""
    check = getattr(item, "check_option", None)
    behind = f"\nWITH {check.upper()} CHECK OPTION" if check else ""
    return f"{head}{options} AS\n{query_text(item.query, sqlalchemy)}{behind}"


def definition(item: Any, sql: str, parse: Callable[[str], Statement], dependents: tuple[str, ...] = ()) -> Definition:
    """The definition that a CREATE statement makes, on the table that it names. Raises ``ModelReadError`` if the statement makes
    something else."""
    created = next(iter(parse(sql).creates), None)
    if created is None or created.kind != item.kind:
        raise ModelReadError(where=f"{item.kind} {item.name}", reason=f"this is not its definition: {sql[:200]}")
    on = Ref("table", created.table, created.schema) if created.table is not None else None
    return Definition(item.kind, created.name, Expression(sql), created.schema, on, item.comment, dependents)
