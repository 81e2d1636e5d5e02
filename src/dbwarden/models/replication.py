"""What users write for logical replication: publications with their tables and schemas (PostgreSQL)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from .objects import OBJECTS, MetadataObject, declared


@dataclass(frozen=True, eq=False)
class _OfDatabase(MetadataObject):
    """A declaration whose name belongs to the database, whatever the schema of the metadata."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", str(getattr(self.name, "name", self.name)))
        declared(self.metadata.info).setdefault(OBJECTS, []).append(self)


@dataclass(frozen=True, eq=False)
class DeclaredPublication(_OfDatabase):
    """A publication:

    Publication("changes", [User, "audit.log"], metadata=Base.metadata)
    Publication("everything", all_tables=True, metadata=Base.metadata, publish="insert, update")

    ``tables`` are mapped classes, tables or names, published whole; ``PublishedTable`` adds one with some columns or rows.
    ``schemas`` publishes all tables of a schema, also later ones. ``options`` are further parameters of WITH. ``owner`` is
    a role; where it is not declared, that of an existing publication stays.
    """

    kind: ClassVar[str] = "publication"
    tables: Sequence[Any] = ()
    _: KW_ONLY
    schemas: Sequence[str] = ()
    all_tables: bool = False
    publish: str | Sequence[str] = ("insert", "update", "delete", "truncate")
    via_root: bool = False
    """Whether changes of partitions are published as those of their partitioned table."""
    options: Mapping[str, Any] = field(default_factory=dict)
    owner: str | None = None


@dataclass(frozen=True, eq=False)
class PublishedTable(_OfDatabase):
    """A table of a publication with some columns or rows:

    PublishedTable("changes", on=Order, columns=("id", "total"), where="total > 0", metadata=Base.metadata)

    ``name`` is the publication, or its name; ``where`` is a text or an expression.
    """

    kind: ClassVar[str] = "published_table"
    _: KW_ONLY
    on: Any
    columns: Sequence[str] = ()
    where: Any = None


@dataclass(frozen=True, eq=False)
class PublishedSchema(_OfDatabase):
    """A schema of a publication: ``PublishedSchema("changes", of="sales", metadata=Base.metadata)``."""

    kind: ClassVar[str] = "published_schema"
    _: KW_ONLY
    of: str
