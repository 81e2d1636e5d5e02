"""Converts SQLAlchemy types to ``DataType``, each distinct type once."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.types import ARRAY, Boolean, Enum, SchemaType, String, TypeDecorator

from dbwarden.core.dialect import ColumnAttributes, SchemaDialect
from dbwarden.core.model import Object
from dbwarden.core.options import NO_OPTIONS, Options
from dbwarden.core.types import DataType
from dbwarden.errors import ModelReadError, Unsupported

from .emit import Emitter
from .foreign import SqlType

_MAY_COLLATE = (String, ARRAY, TypeDecorator, SqlType)


class ResolvedType(NamedTuple):
    """A column's type, the named types it needs, and the properties of the column in the type's text."""

    datatype: DataType
    named: tuple[Object, ...] = ()
    collation: str | None = None
    options: Options = NO_OPTIONS
    not_null: bool = False


class ColumnTypes:
    """Cache of ``dialect.from_sqlalchemy``."""

    def __init__(self, dialect: SchemaDialect, emitter: Emitter) -> None:
        self.dialect = dialect
        self.emitter = emitter
        self._known: dict[Any, ResolvedType] = {}

    def of(self, type_: Any, where: Any) -> ResolvedType:
        """The type as SQLAlchemy emits it. Raises ``ModelReadError`` if there is none (a column without a type, a type
        of another engine)."""
        key = _key(type_)
        resolved = self._known.get(key)
        if resolved is None:
            if isinstance(type_, sa.types.NullType):
                raise _no_type_error(where)
            self._ensure_text(type_, where)
            try:
                datatype, named = self.dialect.from_sqlalchemy(type_, self.emitter.dialect)
            except Unsupported as error:
                reason = f"{error.feature} is not supported by {error.dialect}: {error.reason}"
                raise ModelReadError(where=f"column {where}", reason=reason, hint=error.hint) from error
            attributes = self.dialect.column_attributes(type_, self.emitter.dialect)
            if attributes is None:
                attributes = ColumnAttributes(self._collation(type_))
            resolved = self._known[key] = ResolvedType(datatype, named, *attributes)
        return resolved

    def _ensure_text(self, type_: Any, where: Any) -> None:
        """Raise unless the type compiles to text: the user's own type may compile to anything."""
        if type(type_).__module__.startswith("sqlalchemy."):
            return
        text = self.emitter.dialect.type_compiler_instance.process(type_)
        if not isinstance(text, str):
            reason = f"its type {type(type_).__name__} compiles to {type(text).__name__}, not to SQL"
            raise ModelReadError(where=f"column {where}", reason=reason)

    def _collation(self, type_: Any) -> str | None:
        if not (isinstance(type_, _MAY_COLLATE) or type_._variant_mapping):
            return None  # dialect_impl() copies the type, which not every user-defined type survives
        impl = self._implementation(type_)
        while isinstance(impl, ARRAY):
            impl = self._implementation(impl.item_type)
        if (
            not isinstance(impl, String | SqlType)
            or not impl.collation
            or (isinstance(impl, Enum) and impl.native_enum)
        ):
            return None
        space = getattr(impl, "collation_schema", None)  # SQLAlchemy 2.1
        return f"{space}.{impl.collation}" if space else str(impl.collation)

    def _implementation(self, type_: Any) -> Any:
        impl = type_.dialect_impl(self.emitter.dialect)
        while isinstance(impl, TypeDecorator):
            impl = impl.type_engine(self.emitter.dialect).dialect_impl(self.emitter.dialect)
        return impl


def _no_type_error(where: Any) -> ModelReadError:
    if not isinstance(where, sa.Column):
        return ModelReadError(where=str(where), reason="it has no type", hint="Give it a type.")
    if not where.foreign_keys:
        reason = "it has no type, and no foreign key to take one from"
        return ModelReadError(where=f"column {where}", reason=reason, hint="Give the column a type.")
    target = min(key.target_fullname for key in where.foreign_keys)
    return ModelReadError(
        where=f"column {where}",
        reason=f"it takes its type from {target}, which no imported model defines",
        hint=f"Add the module that defines {target.rpartition('.')[0]} to model_paths, or give the column a type.",
    )


def _key(type_: Any) -> Any:
    """Cache key: class and arguments for SQLAlchemy's own types, identity for all others."""
    kind = type(type_)
    if kind.__module__.startswith("sqlalchemy."):
        if kind is Boolean:
            return kind  # its name and constraint are not part of the type
        if not isinstance(type_, SchemaType):
            try:
                key = (kind, *vars(type_).items())
                hash(key)
            except TypeError:
                return _ByIdentity(type_)
            return key
    return _ByIdentity(type_)


class _ByIdentity:
    """A key that is equal only for the identical type, independent of the type's own ``__eq__``."""

    __slots__ = ("type",)

    def __init__(self, type_: Any) -> None:
        self.type = type_

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.type is self.type

    def __hash__(self) -> int:
        return id(self.type)
