"""What users write for rights: row-level security of a table, policies, privileges, and roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
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

    ``on`` is a mapped class, a table, a view, a routine or sequence, or a name as in GRANT; ``"DATABASE"`` is the database that
    the models are for. What several declarations give one
    grantee of one object is added up. ``grantable`` is WITH GRANT OPTION, for all of them or for those that a text names.
    """

    kind: ClassVar[str] = "grant"
    name: str = field(init=False, default="")
    privileges: str | Sequence[str]
    _: KW_ONLY
    on: Any
    to: str | Sequence[str]
    columns: Sequence[str] = ()
    grantable: bool | str = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"for {self.to if isinstance(self.to, str) else ', '.join(self.to)}")
        super().__post_init__()


@dataclass(frozen=True, eq=False)
class DefaultPrivileges(MetadataObject):
    """Privileges on the objects that a role will create (PostgreSQL):

    DefaultPrivileges("SELECT", on="TABLES", to="reader", metadata=Base.metadata)
    DefaultPrivileges("USAGE, SELECT", on="SEQUENCES", to="app", in_schema="sales", for_role="owner", metadata=Base.metadata)
    DefaultPrivileges((), on="FUNCTIONS", to="PUBLIC", metadata=Base.metadata)  # not even EXECUTE

    ``on`` is TABLES, SEQUENCES, FUNCTIONS, TYPES or SCHEMAS. ``in_schema`` is by default all schemas, ``for_role`` the role that
    runs the migration. ``grantable`` is WITH GRANT OPTION, as in ``Grant``.
    """

    kind: ClassVar[str] = "default_privileges"
    name: str = field(init=False, default="")
    privileges: str | Sequence[str]
    _: KW_ONLY
    on: str
    to: str | Sequence[str]
    in_schema: str | None = None
    for_role: str | None = None
    grantable: bool | str = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"for {self.to if isinstance(self.to, str) else ', '.join(self.to)}")
        super().__post_init__()


@dataclass(frozen=True, eq=False)
class Role(MetadataObject):
    """A role, which belongs to the server: ``Role("app", login=True, member_of="staff", metadata=Base.metadata)``.

    Only roles that are declared are compared. Passwords are neither read nor written. ``settings`` are those of ALTER ROLE ...
    SET for all databases, ``valid_until`` is a moment with its time zone.
    """

    kind: ClassVar[str] = "role"
    _: KW_ONLY
    login: bool = False
    inherit: bool = True
    createdb: bool = False
    createrole: bool = False
    superuser: bool = False
    replication: bool = False
    bypassrls: bool = False
    connection_limit: int | None = None
    valid_until: datetime | str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    member_of: str | Sequence[str] = ()
    admin_of: str | Sequence[str] = ()
    """Roles of which it is a member WITH ADMIN OPTION."""


@dataclass(frozen=True, eq=False)
class Membership(MetadataObject):
    """Members of a role: ``Membership("staff", to=("app", "support"), metadata=Base.metadata)``.

    ``admin`` is WITH ADMIN OPTION; ``inherit`` and ``set`` are the options of PostgreSQL 16, by default as the member inherits,
    and TRUE. ``default`` makes it one of the member's default roles, active from the start (MySQL, MariaDB).
    """

    kind: ClassVar[str] = "membership"
    _: KW_ONLY
    to: str | Sequence[str]
    admin: bool = False
    inherit: bool | None = None
    set: bool | None = None
    default: bool = False

    @property
    def role(self) -> str:
        return self.name
