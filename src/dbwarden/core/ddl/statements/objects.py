"""Enumeration types and all other kinds of objects: created, dropped, altered, granted."""

from __future__ import annotations

from dataclasses import dataclass

from dbwarden.core.types import Ref

from .base import Action, Statement


@dataclass(frozen=True)
class CreateEnum(Action):
    """CREATE TYPE ... AS ENUM, with its values in order."""

    values: tuple[str, ...] = ()

    @property
    def creates(self) -> tuple[Ref, ...]:
        return (self.table,)


@dataclass(frozen=True)
class AddEnumValue(Action):
    """ALTER TYPE ... ADD VALUE."""

    value: str
    if_not_exists: bool = False


@dataclass(frozen=True)
class RenameEnumValue(Action):
    """ALTER TYPE ... RENAME VALUE."""

    value: str
    new: str


@dataclass(frozen=True)
class RenameType(Action):
    """Rename of a type, or its move to another schema."""

    new: Ref

    @property
    def new_name(self) -> Ref | None:
        return self.new


@dataclass(frozen=True)
class CreateObject(Statement):
    """CREATE of another kind of object; ``kind`` as in ``Ref``, or the SQL words in lower case (``role``, ``database``)."""

    kind: str
    ref: Ref | None = None
    table: Ref | None = None
    """Table of a trigger or policy."""
    repeatable: bool = False
    """OR REPLACE or IF NOT EXISTS."""
    words: tuple[str, ...] = ()
    """Words in upper case: those after the kind of an unnamed object, or the language of a function."""
    bodies: tuple[str, ...] = ()
    """The string constants of a function: its body, a library."""

    @property
    def creates(self) -> tuple[Ref, ...]:
        return (self.ref,) if self.ref else ()


@dataclass(frozen=True)
class DropObject(Statement):
    """DROP of another kind of object."""

    kind: str
    refs: tuple[Ref, ...] = ()
    table: Ref | None = None
    if_exists: bool = False
    concurrently: bool = False
    cascade: bool = False
    how: tuple[tuple[str, ...], ...] = ()
    """Clauses on the way an index is dropped, each in upper case: ``("LOCK", "NONE")`` (MySQL)."""

    @property
    def drops(self) -> tuple[Ref, ...]:
        return self.refs


@dataclass(frozen=True)
class AlterObject(Statement):
    """ALTER of another kind of object: the ``words`` after its name, its ``new`` name, its new ``tablespace``."""

    kind: str
    ref: Ref | None = None
    words: tuple[str, ...] = ()
    new: Ref | None = None
    tablespace: str | None = None

    @property
    def renamed(self) -> tuple[tuple[Ref, Ref], ...]:
        return ((self.ref, self.new),) if self.ref is not None and self.new is not None else ()


@dataclass(frozen=True)
class CreatePublication(CreateObject):
    """CREATE PUBLICATION, with the tables and schemas that it publishes from the beginning."""

    members: tuple[Ref, ...] = ()
    tables: tuple[Ref, ...] = ()

    @property
    def creates(self) -> tuple[Ref, ...]:
        return (*super().creates, *self.members)


@dataclass(frozen=True)
class AlterPublication(AlterObject):
    """ALTER PUBLICATION, with the tables and schemas that it begins or ends to publish."""

    added: tuple[Ref, ...] = ()
    dropped: tuple[Ref, ...] = ()
    tables: tuple[Ref, ...] = ()

    @property
    def creates(self) -> tuple[Ref, ...]:
        return self.added

    @property
    def drops(self) -> tuple[Ref, ...]:
        return self.dropped


@dataclass(frozen=True)
class Grant(Statement):
    """GRANT and REVOKE; ``on`` is the kind of object in upper case, ``None`` for membership in roles."""

    on: str | None
    revoke: bool = False
    begun: tuple[Ref, ...] = ()
    """The privileges of a grantee on an object that begin to differ from what he has by default."""
    ended: tuple[Ref, ...] = ()

    @property
    def creates(self) -> tuple[Ref, ...]:
        return self.begun

    @property
    def drops(self) -> tuple[Ref, ...]:
        return self.ended
