"""The dev database against what SQLAlchemy's ``create_all`` builds on SQLite from the same models.

``on_sqlite`` and ``TYPES`` are all that is meant to be different; server defaults and generated columns, which SQLAlchemy
would hand to SQLite in PostgreSQL's words, are looked at in ``test_translate``. ``test_same_file`` compares the golden cases.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite.base import SQLiteTypeCompiler

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core import kinds
from dbwarden.core.change_text import differences
from dbwarden.core.dialect import Scope
from dbwarden.core.model import Schema, Table
from dbwarden.core.plan import pair
from tests.dev import every_type
from tests.dev.project import DevProject
from tests.support.project import metadata_of


def _numeric(type_: Any) -> str:
    return "NUMERIC" if type_.precision is None else f"NUMERIC({type_.precision}, {type_.scale or 0})"


TYPES: dict[str, str | Callable[[Any], str]] = {
    # SQLAlchemy has a word for these, ours is another one.
    "uuid": lambda type_: "TEXT" if type_.native_uuid else "CHAR(32)",
    "UUID": "TEXT",
    "JSON": "TEXT",  # JSON would be a NUMERIC affinity, which rounds a document that is one long number
    "JSONB": "TEXT",
    "TIMESTAMP": "DATETIME",
    "float": lambda type_: "REAL" if (type_.precision or 53) <= 24 else "DOUBLE PRECISION",
    "FLOAT": "DOUBLE PRECISION",
    "double": "DOUBLE PRECISION",
    "DOUBLE": "DOUBLE PRECISION",
    "numeric": _numeric,
    "NUMERIC": _numeric,
    "DECIMAL": _numeric,
    "NCHAR": lambda type_: f"CHAR({type_.length})",
    # SQLAlchemy has none for these.
    "ARRAY": "TEXT",
    "BIT": "TEXT",
    "BYTEA": "BLOB",
    "CIDR": "TEXT",
    "CITEXT": "TEXT COLLATE NOCASE",
    "HSTORE": "TEXT",
    "user_defined": "TEXT",
    "INET": "TEXT",
    "INTERVAL": "DATETIME",
    "JSONPATH": "TEXT",
    "MACADDR": "TEXT",
    "MACADDR8": "TEXT",
    "MONEY": "TEXT",
    "OID": "INTEGER",
    "REGCLASS": "TEXT",
    "REGCONFIG": "TEXT",
    "TSQUERY": "TEXT",
    "TSVECTOR": "TEXT",
    **{
        f"{name}{kind}": "TEXT"
        for name in ("INT4", "INT8", "NUM", "DATE", "TS", "TSTZ")
        for kind in ("RANGE", "MULTIRANGE")
    },
}
"""SQLAlchemy's visit name of a type -> what a column of it is declared as on the dev database."""


class TypeCompiler(SQLiteTypeCompiler):
    def process(self, type_: Any, **kw: Any) -> str:
        if isinstance(type_, pg.DOMAIN):
            return self.process(type_.data_type, **kw)
        spelling = TYPES.get(type_.__visit_name__) or super().process(type_, **kw)
        return spelling if isinstance(spelling, str) else spelling(type_)


def on_sqlite(metadata: sa.MetaData) -> None:
    """What is meant to be different from what SQLAlchemy makes of the models on SQLite."""
    for table in metadata.tables.values():
        numbered = table.autoincrement_column
        if numbered is not None:
            numbered.type = sa.Integer()  # only INTEGER PRIMARY KEY numbers rows
        for column in table.columns:
            column.server_default = column.identity = column.computed = None
            if getattr(column.type, "collation", None) in ("C", "POSIX"):
                column.type.collation = None  # SQLite compares byte by byte unless told otherwise
            _check_values(table, column)
        table.dialect_options["sqlite"]["autoincrement"] = False  # the models are read for PostgreSQL
        keys = {tuple(table.primary_key.columns)}
        for key in sorted(
            (key for key in table.constraints if isinstance(key, sa.UniqueConstraint)),
            key=lambda key: (key.name is None, key._creation_order),
        ):
            if tuple(key.columns) in keys:  # PostgreSQL makes no second one
                table.constraints.remove(key)
            keys.add(tuple(key.columns))
        for constraint in list(table.constraints):
            if isinstance(constraint, pg.ExcludeConstraint):  # SQLite has none
                table.constraints.remove(constraint)
            elif isinstance(constraint, sa.UniqueConstraint | sa.PrimaryKeyConstraint):
                constraint.deferrable = constraint.initially = None  # SQLite defers foreign keys only
            elif isinstance(constraint, sa.ForeignKeyConstraint):
                constraint.match = None  # SQLite takes the word and does not check it
            elif isinstance(constraint, sa.CheckConstraint) and isinstance(_typed(constraint), sa.Boolean):
                table.constraints.remove(constraint)  # the same: PostgreSQL needs no check for it
        for index in list(table.indexes):
            options = index.dialect_options["postgresql"]
            if options["using"] not in (None, False, "btree", "hash"):  # SQLite has no such indexes
                table.indexes.remove(index)
            index.dialect_options["sqlite"]["where"] = options["where"]
            if table.schema and index.name:
                index.name = f"{table.schema}__{index.name}"
    for table in metadata.tables.values():
        if table.schema:
            table.name, table.schema = f"{table.schema}__{table.name}", None  # SQLite has no schemas


def _typed(constraint: sa.CheckConstraint) -> Any:
    """The type that a check comes from."""
    column = getattr(constraint.sqltext, "left", None)
    return getattr(column, "type", None) if constraint._type_bound else None


def _check_values(table: sa.Table, column: sa.Column[Any]) -> None:
    """What the type refuses there, a check refuses here."""
    if isinstance(column.type, sa.Enum) and column.type.native_enum:
        labels = ", ".join("'" + label.replace("'", "''") + "'" for label in column.type.enums)
        table.append_constraint(sa.CheckConstraint(f'"{column.name}" IN ({labels})'))
    elif isinstance(column.type, pg.DOMAIN):
        column.nullable = column.nullable and not column.type.not_null
        if column.type.check is not None:
            text = re.sub(r"\bVALUE\b", f'"{column.name}"', str(column.type.check))
            table.append_constraint(sa.CheckConstraint(text))


def ddl(metadata: sa.MetaData) -> Iterator[str]:
    """The statements of ``create_all``."""
    dialect = sqlite.dialect()
    dialect.type_compiler_instance = TypeCompiler(dialect)
    dialect.max_identifier_length = 63  # names are those of production
    for table in metadata.sorted_tables:
        yield str(sa.schema.CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            text = str(sa.schema.CreateIndex(index).compile(dialect=dialect))
            for column, words in index.dialect_options["postgresql"]["ops"].items():
                if "DESC" in words.split():  # an order that SQLAlchemy writes on PostgreSQL alone
                    text = re.sub(rf"\b{column}\b(?=[,)])", f"{column} DESC", text)
            yield re.sub(" NULLS (FIRST|LAST)", "", text)  # SQLite has no such indexes


def inspected(url: str, statements: Iterable[str] = ()) -> Schema:
    """What is there, without defaults and generated columns."""
    with connect(url) as conn:
        for sql in statements:
            conn.execute(sql)
        dialect = dialects.get("sqlite")
        schema = dialect.for_server(dialect.server_of(conn)).inspect(conn, Scope((None,)))
    return Schema(_without_defaults(item) if isinstance(item, Table) else item for item in schema.objects())


def _without_defaults(table: Table) -> Table:
    columns = {name: replace(column, default=None, computed=None) for name, column in table.columns.items()}
    return replace(table, columns=columns)


def compare(source: str, folder: Path) -> DevProject:
    """A project on a database that was built from the models at once."""
    project = DevProject(folder / "project")
    project.models(source)
    if project.generate().empty:
        return project
    project.migrate()
    metadata = metadata_of(source)
    on_sqlite(metadata)
    ours, theirs = inspected(project.dev_url), inspected(f"sqlite:///{folder / 'other.db'}", ddl(metadata))
    both = pair(ours, theirs, [ref for ref in ours if not kinds.of(ref.kind).text_defined])
    assert differences(both.current, both.desired, dialects.get("sqlite")) == ()
    assert {table.name: list(table.columns) for table in ours.tables()} == {
        table.name: list(table.columns) for table in theirs.tables()
    }
    return project


def test_every_type(tmp_path: Path) -> None:
    compare(Path(every_type.__file__).read_text(), tmp_path)
