"""Compiles parts of DDL with SQLAlchemy's own compiler, without a driver or a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from warnings import catch_warnings, simplefilter

from sqlalchemy import Column
from sqlalchemy.engine import URL
from sqlalchemy.schema import DefaultClause
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.sql.functions import Function, now

from dbwarden.core.dialect import SchemaDialect
from dbwarden.core.engine import ENGINES
from dbwarden.core.model import Definition, Member, Object, Partition
from dbwarden.core.sqltext import split
from dbwarden.core.tokens import trailing_collation
from dbwarden.core.types import Ref
from dbwarden.errors import ModelReadError, SqlTextError

from .objects import INFO, OBJECTS, declared_statements


class Emitter:
    """A SQLAlchemy dialect with its compilers. Texts are those that ``create_all`` would send for a URL that begins with
    ``drivername``, by default SQLAlchemy's own choice of dialect and driver."""

    def __init__(self, dialect: SchemaDialect, drivername: str = "") -> None:
        # "named" is the only parameter style that does not double '%'.
        name = drivername or ENGINES[dialect.name].sqlalchemy_dialect
        with catch_warnings():
            simplefilter("ignore", UserWarning)  # that another package has a dialect of the same name
            dialect_class: Any = URL.create(name).get_dialect()
        self.dialect: Any = dialect_class(paramstyle="named")
        dialect.configure_sqlalchemy(self.dialect)
        self._dialect = dialect
        self.lexical_rules, self.caseless = dialect.lexical_rules, "column" in dialect.features.caseless_names
        if not dialect.lexical_rules.backslash_escapes:
            # SQLAlchemy learns standard_conforming_strings from the server and doubles backslashes until then.
            self.dialect._backslash_escapes = False
        self.compiler: Any = self.dialect.ddl_compiler(self.dialect, None)
        self.sql: Any = self.compiler.sql_compiler
        self.preparer: Any = self.dialect.identifier_preparer
        self._functions: dict[tuple[Any, ...], str] = {}
        self._in_parentheses = bool(getattr(self.dialect, "_support_default_function", False))
        kind = type(self.compiler)
        self._standard_defaults = (
            kind.get_column_default_string is DDLCompiler.get_column_default_string
            and kind.render_default_string is DDLCompiler.render_default_string
        )

    def keywords(self, item: Any) -> Mapping[str, Any]:
        """SQLAlchemy's keywords that this dialect applies, without the prefix."""
        return self._dialect.keywords(item, self.dialect)

    def declared_members(self, table: Any, ref: Ref) -> Iterable[Member]:
        """Constraints and indexes that only the dialect reads."""
        return self._dialect.declared_members(table, ref)

    def declared_partitions(self, table: Any, ref: Ref) -> tuple[Partition, ...]:
        """Partitions of a table."""
        return self._dialect.declared_partitions(table, ref, self.dialect)

    def declared_objects(self, metadata: Any) -> Iterable[Object]:
        """Views, functions and the like that only the dialect reads. Raises ``ModelReadError`` for a text that does not end: with a
        quote or a body that is never closed."""
        for item in self._dialect.declared_objects(metadata, self.dialect):
            self._check_text(item, metadata)
            yield item
        for statement in declared_statements(metadata):
            if statement.kind in self._dialect.features.described_definitions:
                yield self._dialect.declared_statement(statement)

    def _check_text(self, item: Object, metadata: Any) -> None:
        if not isinstance(item, Definition):
            return
        try:
            split(item.sql.text, self.lexical_rules)
        except SqlTextError as error:
            declared = metadata.info[INFO][OBJECTS]
            named = (one for one in declared if item.name.partition("(")[0] == one.name.partition("(")[0])
            origin = next((one.origin for one in named), "")
            raise ModelReadError(
                where=f"{item.ref} ({origin})", reason=f"{error.reason} ({item.sql.text[:200]})"
            ) from error

    def text(self, clause: Any) -> str:
        """A check, predicate or key as DDL: literals inline, columns without their table."""
        plain = _plain_text(clause)
        if plain is not None:
            return plain
        return str(self.sql.process(clause, include_table=False, literal_binds=True))

    def default(self, column: Column[Any]) -> str | None:
        """The text after DEFAULT; ``None`` if SQLAlchemy emits no default."""
        clause = column.server_default
        if clause is None:
            return None
        if self._standard_defaults and type(clause) is DefaultClause:
            text = self._standard(clause.arg)
            return f"({text})" if self._in_parentheses and self._is_enclosed(text, column) else text
        text = self.compiler.get_column_default_string(column)
        return None if text is None else str(text)

    def specification(self, column: Column[Any]) -> str:
        """The column as it is written in CREATE TABLE."""
        return str(self.compiler.get_column_specification(column))

    def collation_behind(self, default: str, column: Column[Any]) -> tuple[str, str | None]:
        """Split ``default`` from a collation after it, which engines take for the column's: in ``DEFAULT 'x' COLLATE "C"`` the
        default ends before COLLATE."""
        split = trailing_collation(default, self.lexical_rules)
        if split is None or f"DEFAULT {default}" not in self.specification(column):
            return default, None
        return split

    def _is_enclosed(self, default: str, column: Column[Any]) -> bool:
        """Whether SQLAlchemy puts the default into parentheses: ``DEFAULT (uuid())`` (MySQL)."""
        return (
            not default.isalnum() and default[:1] not in "'\"(" and f"DEFAULT ({default})" in self.specification(column)
        )

    def _standard(self, arg: Any) -> str:
        if isinstance(arg, str) and "\\" not in arg:
            return "'" + arg.replace("'", "''") + "'"
        plain = _plain_text(arg)
        if plain is not None:
            return plain
        kind = type(arg)
        if kind in (now, Function) and not len(arg.clauses):
            key = (kind, arg.name, *getattr(arg, "packagenames", ()))
            if key not in self._functions:
                self._functions[key] = str(self.compiler.render_default_string(arg))
            return self._functions[key]
        return str(self.compiler.render_default_string(arg))

    def name(self, constraint: Any) -> str | None:
        """The name of a constraint or index, with naming convention and SQLAlchemy's shortening; ``None`` if unnamed."""
        if constraint.name is None:
            return None
        name = self.preparer.format_constraint(constraint, _alembic_quote=False)
        return None if name is None else str(name)

    def wants(self, item: Any, ddl: Any) -> bool:
        """Whether ``item.ddl_if(...)`` lets ``ddl`` run for this dialect."""
        condition = getattr(item, "_ddl_if", None)
        return condition is None or bool(
            condition._should_execute(ddl(item), item, None, compiler=self.compiler, checkfirst=False)
        )


def schema_of(item: Any) -> str | None:
    """The schema of a table or sequence; ``None`` also if it is empty, which SQLAlchemy does not emit."""
    return str(item.schema) if item.schema else None


def _plain_text(clause: Any) -> str | None:
    """The text of ``text("...")`` if compiling would return it unchanged: no parameters, nothing escaped."""
    if type(clause) is TextClause and not clause._bindparams and "\\" not in clause.text:
        return clause.text
    return None
