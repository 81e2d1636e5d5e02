"""What SQLAlchemy's models say for ClickHouse: with clickhouse-connect (``clickhousedb``), with clickhouse-sqlalchemy
(``clickhouse``), and with the declarations of ``dbwarden.objects``.

The table engine is an object in ``__table_args__`` that both libraries attach to the table as ``table.engine``. Where a
library writes a clause, its own compiler does so here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dbwarden.core.model import Check, Index, IndexElement, Member, Projection
from dbwarden.core.options import Options
from dbwarden.core.types import Expression, Ref
from dbwarden.dialects.base.keywords import with_prefix

from .definition_reader import read_engine
from .types import compiled, other_sqlalchemy
from .words import string_literal

PREFIXES = ("clickhouse", "clickhousedb")
"""Prefixes of keywords; clickhouse-connect takes both, and its own one wins."""
_INFO, _MEMBERS = "dbwarden", "members"
"""Keys of the declarations of ``dbwarden.objects`` in ``info``."""
_TABLE = frozenset("engine order_by partition_by primary_key sample_by ttl settings comment".split())
_COLUMN = frozenset("materialized alias codec ttl statistics settings ephemeral".split())
_LITERALS = ("materialized", "alias", "ttl")
"""Keywords of columns whose strings the libraries write as string literals."""


def configure(sqlalchemy: Any) -> None:
    """Let the dialect of clickhouse-connect compile the types of clickhouse-sqlalchemy too: a URL that begins with
    ``clickhouse://`` does not say whose models an application has."""
    if sqlalchemy.name == PREFIXES[1]:
        sqlalchemy.type_compiler_instance = _compiler_of_both(sqlalchemy)


def _compiler_of_both(sqlalchemy: Any) -> Any:
    own: Any = type(sqlalchemy.type_compiler_instance)

    class CompilerOfBoth(own):  # type: ignore[misc]
        """The dialect's own type compiler, with the other library's for what it does not know."""

        def visit_unsupported_compilation(self, element: Any, err: Exception, **rest: Any) -> Any:
            if type(element).__module__.startswith("clickhouse_sqlalchemy."):
                return other_sqlalchemy().type_compiler_instance.process(element)
            return super().visit_unsupported_compilation(element, err, **rest)

    return CompilerOfBoth(sqlalchemy)


def keywords(item: Any, sqlalchemy: Any) -> Mapping[str, Any]:
    """The clauses of a table, column or index, by the names of the options."""
    given: dict[str, Any] = {}
    for prefix in PREFIXES:
        given.update(with_prefix(item, prefix))
    declared = _declared(item)
    if hasattr(item, "columns") and hasattr(item, "primary_key"):  # a table
        engine = vars(item).get("engine") or given.get("engine")
        clauses = dict(read_engine(engine_text(engine, sqlalchemy))) if engine is not None else {}
        return {key: value for key, value in {**clauses, **declared}.items() if key in _TABLE}
    if hasattr(item, "server_default"):  # a column
        return {**_column_keywords(given), **declared}
    return {**given, **declared}


def _declared(item: Any) -> dict[str, Any]:
    return dict(vars(item).get("info", {}).get(_INFO, {}))


def declared_members(table: Any, ref: Ref) -> Iterator[Member]:
    """The skipping indexes, projections and assumptions of ``dbwarden.objects``."""
    for member in _declared(table).get(_MEMBERS, ()):
        if hasattr(member, "query"):
            options = Options.of({"settings": member.settings or None})
            yield Projection(ref, member.name, Expression(member.query), options=options)
        elif hasattr(member, "condition"):
            yield Check(ref, member.name, Expression(member.condition), options=Options.of({"assume": "true"}))
        else:
            elements = (IndexElement(None, Expression(member.expression)),)
            options = Options.of({"granularity": None if member.granularity is None else str(member.granularity)})
            yield Index(ref, member.name, elements, method=member.type, options=options)


def _column_keywords(given: Mapping[str, Any]) -> dict[str, Any]:
    values = {key: value for key, value in given.items() if key in _COLUMN}
    for key in _LITERALS:
        if isinstance(values.get(key), str):
            values[key] = string_literal(values[key])
    return values


def engine_text(engine: Any, sqlalchemy: Any) -> str:
    """ENGINE and the clauses behind it, as the engine's own library writes them."""
    if hasattr(engine, "full_engine"):  # clickhouse-connect
        return str(engine.full_engine)
    if isinstance(engine, str):
        return engine
    compiler = sqlalchemy.ddl_compiler(sqlalchemy, None)
    if not hasattr(compiler, f"visit_{engine.__visit_name__}"):
        own = other_sqlalchemy()
        compiler = own.ddl_compiler(own, None)
    return str(compiler.process(engine))


def is_nullable(column: Any, sqlalchemy: Any) -> bool:
    """Whether a column may be NULL.

    Both libraries leave ``nullable`` aside unless the model says it, and take the type's word. In a table without an engine,
    which they cannot create, ``nullable`` counts as it does for every other database.
    """
    if compiled(column.type, sqlalchemy).nullable:
        return True
    if vars(column.table).get("engine") is None and not _of_library(column.type):
        return bool(column.nullable)
    return getattr(column, "_user_defined_nullable", None) is True


def _of_library(type_: Any) -> bool:
    return type(type_).__module__.startswith(("clickhouse_connect.", "clickhouse_sqlalchemy."))
