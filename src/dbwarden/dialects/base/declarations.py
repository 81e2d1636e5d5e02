"""Declarations of ``dbwarden.objects`` beside tables, as definitions with their CREATE statements.

Models import the declarations; a dialect only sees their attributes, because models and dialects do not import one another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from dbwarden.core import kinds
from dbwarden.core.ddl.cursor import cursor
from dbwarden.core.ddl.statements import Statement
from dbwarden.core.declared_object import DeclaredObject
from dbwarden.core.lexical_rules import LexicalRules
from dbwarden.core.model import Definition, Object, dependent_kind
from dbwarden.core.sqltext import Token
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
    return without_margin(text).strip().removesuffix(";").rstrip()


def without_margin(text: str) -> str:
    """A text without the blanks that begin each of its lines. Unlike ``textwrap.dedent`` it leaves longer empty lines as they
    are: the body of a function is stored with them."""
    margins = [len(line) - len(line.lstrip(" ")) for line in text.split("\n") if line.strip()]
    margin = min(margins, default=0)
    return re.sub(rf"^ {{1,{margin}}}", "", text, flags=re.MULTILINE) if margin else text


def create_statement(item: Any, name: str, sqlalchemy: Any) -> str:
    """The CREATE statement of a declared view, routine, trigger, rule or event; ``name`` is as SQL, with its schema."""
    words = "CONSTRAINT TRIGGER" if getattr(item, "constraint", False) else _WORDS.get(item.kind, item.kind.upper())
    head = f"CREATE {words} {name}"
    if item.kind not in ("view", "materialized_view"):
        return f"{head} {plain_text(item.definition)}"
    options = f" {plain_text(item.options)}" if item.options else ""
    check = getattr(item, "check_option", None)
    behind = f"\nWITH {check.upper()} CHECK OPTION" if check else ""
    return f"{head}{options} AS\n{query_text(item.query, sqlalchemy)}{behind}"


def index_statements(item: Any, sqlalchemy: Any) -> tuple[str, ...]:
    """The CREATE INDEX statements of a declared materialized view."""
    return tuple(_index_statement(index, sqlalchemy) for index in getattr(item, "indexes", ()))


def _index_statement(index: Any, sqlalchemy: Any) -> str:
    if isinstance(index, str):
        return plain_text(index)
    from sqlalchemy.schema import CreateIndex

    return str(CreateIndex(index).compile(dialect=sqlalchemy))


def declared_statement(item: Any, parse: Callable[[str], Statement]) -> Definition:
    """The definition of a CREATE statement, without OR REPLACE and IF NOT EXISTS. Raises ``ModelReadError``."""
    return definition(item, _CONDITION.sub(r"\1\2", plain_text(item.statement), count=1), parse, item.dependents)


_CONDITION = re.compile(
    r"^(CREATE\s+)(?:OR\s+REPLACE\s+)?((?:[A-Z]+\s+){1,2}?)(?:IF\s+NOT\s+EXISTS\s+)?(?=\S)", re.IGNORECASE
)


def definition(
    item: Any, sql: str, parse: Callable[[str], Statement], dependents: tuple[str, ...] = (), kind: str | None = None
) -> Definition:
    """The definition that a CREATE statement makes, on the table that it names; ``kind`` is by default that of the declaration.
    Raises ``ModelReadError`` if the statement makes something else."""
    kind = kind or item.kind
    created = next(iter(parse(sql).creates), None)
    if created is None or created.kind != kind:
        where = f"{item.kind} {item.name} ({item.origin})"
        raise ModelReadError(where=where, reason=f"this is not its definition: {sql[:200]}")
    on = Ref("table", created.table, created.schema) if created.table is not None else None
    return Definition(kind, created.name, Expression(sql), created.schema, on, item.comment, dependents)


# -- source of models -------------------------------------------------------------------------------------------------

CONSTRUCTORS = {
    "view": "View",
    "materialized_view": "MaterializedView",
    "function": "Function",
    "procedure": "Procedure",
    "aggregate": "Aggregate",
    "event_trigger": "EventTrigger",
    "trigger": "Trigger",
    "rule": "Rule",
    "event": "Event",
}
"""The classes of ``dbwarden.objects`` for objects that their CREATE statement defines."""


def declaration(item: Object, lexical_rules: LexicalRules) -> DeclaredObject | None:
    """The declaration from which ``create_statement`` makes a definition; ``None`` for other kinds and unreadable texts."""
    if not isinstance(item, Definition) or item.kind not in CONSTRUCTORS:
        return None
    sql = item.sql.text
    at = cursor(sql, lexical_rules)
    if not at.skip("CREATE"):
        return None
    constraint = at.word() == "CONSTRAINT"
    while not at.skip(*kinds.title(item.kind).upper().split()):  # OR REPLACE
        if at.take() is None:
            return None
    at.ref(item.kind)
    name = item.name
    if kinds.of(item.kind).is_routine:
        name = f"{name.partition('(')[0]}({at.source(at.group())})"
    named: dict[str, Any] = {"schema": item.schema if item.on is None else None, "comment": item.comment}
    if constraint:
        named |= {"constraint": True}
    if not kinds.of(item.kind).readable:
        return DeclaredObject(CONSTRUCTORS[item.kind], name, _from(sql, at.token()), named)
    options = at.source(at.until("AS"))
    at.take()
    indexes = tuple(text for text in item.dependents if dependent_kind(text) == "index")
    comments = dict(filter(None, map(_column_comment, item.dependents)))
    more: dict[str, Any] = {"indexes": indexes, "column_comments": comments}
    return DeclaredObject(
        CONSTRUCTORS[item.kind],
        name,
        _from(sql, at.token()),
        {"options": options or None, **{key: value for key, value in more.items() if value}, **named},
    )


_COLUMN_COMMENT = re.compile(r'COMMENT ON COLUMN .*?(?:"((?:[^"]|"")+)"|(\w+)) IS \'(.*)\'', re.DOTALL)


def _column_comment(statement: str) -> tuple[str, str] | None:
    """The column of a view and its comment."""
    match = _COLUMN_COMMENT.fullmatch(statement)
    if match is None:
        return None
    quoted, plain, text = match.groups()
    return (quoted or "").replace('""', '"') or plain, text.replace("''", "'")


def _from(sql: str, token: Token | None) -> str:
    return plain_text(sql[token.start :]) if token is not None else ""
