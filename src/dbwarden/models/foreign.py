"""What users write for tables on other servers: the server, and the marks of such a table and of its columns (PostgreSQL)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from sqlalchemy.schema import SchemaItem

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


def _marks(options: Mapping[str, Any]) -> dict[str, str]:
    quoted = {name: "'" + str(value).replace("'", "''") + "'" for name, value in options.items()}
    return {OPTIONS: ", ".join(f"{name}={text}" for name, text in sorted(quoted.items()))} if quoted else {}
