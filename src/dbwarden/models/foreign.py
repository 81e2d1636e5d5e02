"""What users write for tables on other servers: the server, and the marks of such a table and of its columns (PostgreSQL)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Column, MetaData, Table, text
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import UserDefinedType

from .objects import INFO, MetadataObject, declared

SERVER, OPTIONS = "server", "foreign_options"
"""Keys of the marks in ``info``."""


@dataclass(frozen=True, eq=False)
class DeclaredForeignServer(MetadataObject):
    """A foreign server:

    ForeignServer("files", "file_fdw", metadata=Base.metadata)
    ForeignServer("billing", "postgres_fdw", metadata=Base.metadata, options={"host": "db2", "dbname": "billing"})

    ``wrapper`` is the foreign data wrapper, or the declaration of the extension that has it. ``options`` must not be secrets;
    user mappings are left to people, because they are made of secrets. ``owner`` is a role; where it is not declared, that of an
    existing server stays.
    """

    kind: ClassVar[str] = "foreign_server"
    wrapper: Any
    _: KW_ONLY
    type: str | None = None
    version: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    owner: str | None = None


class ForeignTable(SchemaItem):
    """Makes a table one of a foreign server: ``ForeignTable(billing, options={"table_name": "invoices"})``.

    It stands in ``__table_args__`` or among the arguments of ``Table``. ``server`` is a ``ForeignServer`` or its name. A primary
    key, foreign keys and indexes of the table are for the mapper; the server has none of them.
    """

    def __init__(self, server: Any, *, options: Mapping[str, Any] | None = None) -> None:
        self.server = str(getattr(server, "name", server))
        self.options = dict(options or {})

    def _set_parent(self, parent: Any, **_: Any) -> None:
        declared(parent.info).update({SERVER: self.server, **_marks(self.options)})


def foreign_options(**options: Any) -> dict[str, Any]:
    """Options of a column of a foreign table, for ``info``: ``mapped_column(info=foreign_options(column_name="nr"))``."""
    return {INFO: _marks(options)}


class SqlType(UserDefinedType[Any]):
    """A type of an SQL file, with its collation."""

    cache_ok = True

    def __init__(self, sql: str, collation: str | None) -> None:
        self.sql, self.collation = sql, collation

    def get_col_spec(self, **_: Any) -> str:
        return self.sql


def foreign_table(
    name: str,
    columns: Mapping[str, Mapping[str, Any]],
    *,
    metadata: MetaData,
    server: str,
    checks: Sequence[Mapping[str, Any]] = (),
    options: Mapping[str, Any] | None = None,
    schema: str | None = None,
    comment: str | None = None,
) -> Table:
    """The foreign table of an SQL file."""
    constraints = [CheckConstraint(text(_escaped(check["condition"])), name=check["name"]) for check in checks]
    listed = (_column(column, **described) for column, described in columns.items())
    mark = ForeignTable(server, options=options)
    return Table(name, metadata, *listed, *constraints, mark, schema=schema, comment=comment)


def _column(
    name: str,
    *,
    type: str,
    nullable: bool = True,
    default: str | None = None,
    collation: str | None = None,
    comment: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> Column[Any]:
    kind = SqlType(type, collation)
    stated = text(_escaped(default)) if default is not None else None
    marks = foreign_options(**(options or {}))
    return Column(name, kind, nullable=nullable, server_default=stated, comment=comment, info=marks)


def _escaped(sql: str) -> str:
    """SQL for ``text()``, which takes a colon before a word for a parameter."""
    return re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", sql)


def _marks(options: Mapping[str, Any]) -> dict[str, str]:
    quoted = {name: "'" + str(value).replace("'", "''") + "'" for name, value in options.items()}
    return {OPTIONS: ", ".join(f"{name}={text}" for name, text in sorted(quoted.items()))} if quoted else {}
