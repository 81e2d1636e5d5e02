"""The source of models as ``MetaData.reflect`` finds them in a database: ``Table(...)`` as people and generators write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from tests.servers import engine_url


def reflected_source(url: str) -> str:
    """A module with the tables of the database behind ``url``; defaults are written out, ``nextval`` too."""
    engine = sa.create_engine(engine_url(url), poolclass=sa.NullPool)
    metadata = sa.MetaData()
    with engine.connect() as connection:
        metadata.reflect(connection)
    engine.dispose()
    tables = "\n".join(_table(metadata.tables[key]) for key in sorted(metadata.tables))
    return (
        "from sqlalchemy import *\nfrom sqlalchemy import text\n"
        f"from sqlalchemy.dialects.{_MODULES.get(engine.dialect.name, engine.dialect.name)} import *\n\n"
        f"metadata = MetaData()\n{tables}\n"
    )


_MODULES = {"mariadb": "mysql"}
"""Modules of SQLAlchemy's dialects, where they do not have the dialect's name."""


def _table(table: sa.Table) -> str:
    items = [
        *map(_column, table.columns),
        *_constraints(table),
        *map(_index, sorted(table.indexes, key=lambda i: str(i.name))),
    ]
    rest = [f"comment={table.comment!r}"] if table.comment else []
    options = {key: value for key, value in table.dialect_kwargs.items() if value}
    rest += [f"**{options!r}"] if options else []  # keywords of MySQL have spaces in their names
    return f"Table({', '.join([repr(str(table.name)), 'metadata', *items, *rest])})"


def _column(column: sa.Column[Any]) -> str:
    parts = [repr(str(column.name)), repr(column.type)]
    if column.computed is not None:
        parts.append(f"Computed({str(column.computed.sqltext)!r}, persisted={column.computed.persisted!r})")
    elif column.identity is not None:
        parts.append(repr(column.identity))
    parts += [f"primary_key={column.primary_key}", f"nullable={column.nullable}"]
    if column.autoincrement is False:  # True goes without saying: the default is written out
        parts.append("autoincrement=False")
    if isinstance(column.server_default, sa.DefaultClause):
        parts.append(f"server_default={_text(column.server_default.arg)}")
    if column.comment:
        parts.append(f"comment={column.comment!r}")
    return f"Column({', '.join(parts)})"


def _text(clause: Any) -> str:
    """A colon inside would be a parameter."""
    return f"text({re.sub(r'(?<!:):(?=[A-Za-z_])', chr(92) + ':', str(clause))!r})"


def _constraints(table: sa.Table) -> Iterator[str]:
    for item in sorted(table.constraints, key=lambda one: (type(one).__name__, str(one.name), repr(one))):
        name = f"name={item.name!r}"
        if isinstance(item, sa.PrimaryKeyConstraint):
            if item.name and item.columns:
                yield f"PrimaryKeyConstraint({', '.join(repr(str(one.name)) for one in item.columns)}, {name})"
        elif isinstance(item, sa.ForeignKeyConstraint):
            targets = [one.target_fullname for one in item.elements]
            rest = f"{name}, ondelete={item.ondelete!r}, onupdate={item.onupdate!r}"
            yield f"ForeignKeyConstraint({[str(one) for one in item.column_keys]!r}, {targets!r}, {rest})"
        elif isinstance(item, sa.UniqueConstraint):
            yield f"UniqueConstraint({', '.join(repr(str(one.name)) for one in item.columns)}, {name})"
        elif isinstance(item, sa.CheckConstraint):
            yield f"CheckConstraint({_text(item.sqltext)}, {name})"


def _index(index: sa.Index) -> str:
    keys = [repr(str(one.name)) if isinstance(one, sa.Column) else _text(one) for one in index.expressions]
    options = [
        f"{key}={_text(value) if isinstance(value, sa.TextClause) else repr(value)}"
        for key, value in index.dialect_kwargs.items()
        if value
    ]
    return f"Index({', '.join([repr(str(index.name)), *keys, f'unique={bool(index.unique)}', *options])})"
