"""What users write for rights: row-level security of a table, policies, and privileges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from sqlalchemy.schema import SchemaItem

from .objects import MetadataObject, declared


class RowLevelSecurity(SchemaItem):
    """Row-level security of a table, in ``__table_args__`` or among the arguments of ``Table``.

    ``forced`` applies the policies to the owner of the table too. Without this clause the table stays as it is.
    """

    def __init__(self, enabled: bool = True, *, forced: bool = False) -> None:
        self.clauses = {
            "row_level_security": "true" if enabled else "false",
            "force_row_level_security": "true" if forced else "false",
        }

    def _set_parent(self, parent: Any, **_: Any) -> None:
        declared(parent.info).update(self.clauses)


@dataclass(frozen=True, eq=False)
class DeclaredPolicy(MetadataObject):
    """A policy of row-level security:

    Policy("own_rows", on=Account, using="tenant = current_setting('app.tenant')::int", metadata=Base.metadata)

    ``on`` is a mapped class, a table, or its name. ``command`` is ALL, SELECT, INSERT, UPDATE or DELETE, and ``to`` one role or
    several. ``using`` and ``with_check`` are conditions, as a text or an expression. ``permissive=False`` makes it RESTRICTIVE.
    """

    kind: ClassVar[str] = "policy"
    _: KW_ONLY
    on: Any
    using: Any = None
    with_check: Any = None
    command: str = "ALL"
    to: str | Sequence[str] | None = None
    """By default everybody."""
    permissive: bool = True


@dataclass(frozen=True, eq=False)
class DeclaredGrant(MetadataObject):
    """Privileges on an object for one role or several:

    Grant("SELECT, INSERT", on=Account, to="app", metadata=Base.metadata)
    Grant("UPDATE", columns=("name",), on=Account, to=("app", "support"), metadata=Base.metadata)
    Grant("USAGE", on="SCHEMA sales", to="app", metadata=Base.metadata)
    Grant((), on=Account, to="former", metadata=Base.metadata)  # none at all

    ``on`` is a mapped class, a table, a view, a routine or sequence, or a name as in GRANT. What several declarations give one
    grantee of one object is added up. ``grantable`` is WITH GRANT OPTION.
    """

    kind: ClassVar[str] = "grant"
    name: str = field(init=False, default="")
    privileges: str | Sequence[str]
    _: KW_ONLY
    on: Any
    to: str | Sequence[str]
    columns: Sequence[str] = ()
    grantable: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"for {self.to if isinstance(self.to, str) else ', '.join(self.to)}")
        super().__post_init__()
