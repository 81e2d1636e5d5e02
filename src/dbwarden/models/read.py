"""Reads SQLAlchemy MetaData into a ``Schema`` that matches the DDL which SQLAlchemy would emit for the dialect.

The schema is raw: a dialect's ``canonical`` makes it comparable. SQLAlchemy's own dialect keywords are the options.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateSequence, CreateTable

from dbwarden.core import kinds
from dbwarden.core.dialect import SchemaDialect
from dbwarden.core.mentions import with_mentioned
from dbwarden.core.model import NOTHING, Column, Computed, Enum, Identity, Member, Namespace, Object, Schema, Table
from dbwarden.core.model import Sequence as CoreSequence
from dbwarden.core.options import Options
from dbwarden.core.tokens import outside, readable
from dbwarden.core.types import Expression, Ref
from dbwarden.errors import ModelConflict, ModelReadError

from .columntypes import ColumnTypes, ResolvedType
from .emit import Emitter, schema_of
from .events import named_types
from .keywords import keywords, options
from .members import Members
from .objects import TableOptions, table_options

_NOT_EMITTED = (SQLAlchemyError, NotImplementedError)
"""Errors of SQLAlchemy's compilers for objects and, the second, for types that they cannot emit."""
_CORRECT_COLUMN = "Correct the column in the models."


def read(
    metadatas: Sequence[sa.MetaData],
    dialect: SchemaDialect,
    tables: Iterable[sa.Table] | None = None,
    drivername: str = "",
) -> Schema:
    """The tables of ``metadatas``, or those in ``tables``, with everything that ``create_all`` would create for them.

    ``drivername`` is SQLAlchemy's name of dialect and driver in the application's URL, if known. Sequences and types that no
    column uses belong to the metadata as a whole: they are read only if ``tables`` is ``None`` or contains all tables. Raises
    ``ModelReadError`` for objects that SQLAlchemy could not emit, and ``ModelConflict`` if two objects of one name differ.
    """
    reader = _MetadataReader(dialect, drivername)
    every = [table for metadata in metadatas for table in metadata.tables.values()]
    wanted = every if tables is None else list(tables)
    if {table.fullname for table in every} <= {table.fullname for table in wanted}:
        for metadata in metadatas:
            reader.free_standing(metadata)
    with _collector_paused():
        for table in wanted:
            reader.table(table)
        for given in (options for metadata in metadatas for options in table_options(metadata)):
            reader.table_options(given)
        return reader.schema()


@contextmanager
def _collector_paused() -> Iterator[None]:
    # Reading creates no reference cycles, but so many objects that the collector searches all of SQLAlchemy's again and
    # again: with 1000 tables that takes three times as long as the reading.
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


class _MetadataReader:
    """Reader that collects objects by identity. Two objects of one identity must be equal."""

    def __init__(self, dialect: SchemaDialect, drivername: str) -> None:
        self.dialect = dialect
        self.emitter = Emitter(dialect, drivername)
        self.members = Members(self.emitter)
        self.types = ColumnTypes(dialect, self.emitter)
        sqlalchemy = self.emitter.dialect
        self.sequences = bool(sqlalchemy.supports_sequences)
        self.identities = bool(sqlalchemy.supports_identity_columns)
        self.comments = bool(sqlalchemy.supports_comments)
        self.objects: dict[Ref, Object] = {}
        self.origins: dict[Ref, str] = {}
        self.relations: set[tuple[str | None, str]] = set()
        """Schema and name of the declared views: a table of the same name only holds one's columns."""

    def schema(self) -> Schema:
        """All objects read so far, with namespaces, types and sequences before the tables."""
        first: list[Object] = []
        tables: list[Object] = []
        table_parts: list[Object] = []
        schemas: dict[str, None] = {}
        for ref, item in self.objects.items():
            if ref.schema is not None:
                schemas[ref.schema] = None
            if ref.table is not None:
                table_parts.append(item)
            else:
                (tables if isinstance(item, Table) else first).append(item)
        undeclared = (name for name in schemas if Ref("namespace", name) not in self.objects)
        spaces = map(Namespace, undeclared) if self.dialect.features.has("namespace") else ()
        return with_mentioned(Schema([*spaces, *first, *tables, *table_parts]), self.emitter.lexical_rules)

    def put(self, item: Object, origin: str) -> None:
        """Add ``item``. Raises ``ModelConflict`` if a different object has its identity."""
        ref = item.ref
        present = self.objects.get(ref)
        if present is None:
            self.objects[ref] = item
            if ref.table is None:
                self.origins[ref] = origin
        elif present != item:
            raise ModelConflict(
                object=str(ref),
                first=_where_defined(present, self.origins.get(ref)),
                second=_where_defined(item, origin),
            )

    # -- the metadata as a whole

    def free_standing(self, metadata: sa.MetaData) -> None:
        """Read the sequences and named types that belong to the metadata and not to a column."""
        for sequence in metadata._sequences.values():
            if sequence.column is None:
                self.sequence(sequence, "the metadata")
        for item in self.emitter.declared_objects(metadata):
            self.put(item, "the metadata")
            if kinds.of(item.kind).is_relation:
                self.relations.add((item.ref.schema, item.ref.name))
        for type_ in named_types(metadata):
            for item in self.types.of(type_, f"type {getattr(type_, 'name', None) or type(type_).__name__}").named:
                self.put(item, "the metadata")

    def sequence(self, sequence: sa.Sequence, origin: str) -> Ref | None:
        """Read a sequence; ``None`` if SQLAlchemy would not create it for this dialect."""
        skipped = sequence.optional and self.emitter.dialect.sequences_optional
        if not self.sequences or skipped or not self.emitter.wants(sequence, CreateSequence):
            return None
        type_ = None
        if sequence.data_type is not None:
            type_ = self.types.of(sequence.data_type, f"sequence {sequence.name}").datatype
        owned_by = _owner(getattr(sequence, "owned_by", None), sequence)
        comment = getattr(sequence, "comment", None) if self.comments else None
        item = CoreSequence(str(sequence.name), schema_of(sequence), type_, _numbering(sequence), owned_by, comment)
        self.put(item, origin)
        return item.ref

    # -- tables

    def table(self, table: sa.Table) -> None:
        """Read a table, its constraints and its indexes."""
        if getattr(table, "is_view", False) or table.__visit_name__ != sa.Table.__visit_name__:
            return  # a view, or another object that a dialect derives from Table
        if (schema_of(table), str(table.name)) in self.relations:
            return
        try:
            if not self.emitter.wants(table, CreateTable):
                return
            self._table(table)
        except _NOT_EMITTED as error:
            raise ModelReadError(where=f"table {table.fullname}", reason=_error_text(error)) from error

    def table_options(self, given: TableOptions) -> None:
        """Give a table the options of an SQL file. Raises ``ModelReadError`` for a table that is not among the models."""
        schemas = (given.schema, self.dialect.server.default_schema) if given.schema is None else (given.schema,)
        refs = (Ref("table", given.name, schema) for schema in schemas)
        table = next((item for ref in refs if isinstance(item := self.objects.get(ref), Table)), None)
        if table is None:
            named = ".".join(part for part in (given.schema, given.name) if part)
            raise ModelReadError(
                where=given.origin,
                reason=f"no model describes the table {named}",
                hint="A schema file says more about tables of the models: correct the name, or declare the table there.",
            )
        self.objects[table.ref] = replace(table, options=table.options.with_(**given.options))

    def _table(self, table: sa.Table) -> None:
        self.emitter.dialect.validate_identifier(table.name)
        schema = schema_of(table)
        columns: dict[str, Column] = {}
        for column in table.columns:
            if not column.system:
                read_column = self.column(column, table)
                columns[read_column.name] = read_column
        item = Table(
            str(table.name),
            columns,
            schema,
            *self._comment_and_options(table),
            self.emitter.declared_partitions(table, Ref("table", str(table.name), schema)),
        )
        read_before = item.ref in self.objects
        self.put(item, _origin(table))
        members: dict[Ref, Member] = {}
        for member in self.members.of(table, item.ref):
            present = members.setdefault(member.ref, member)
            if present != member:
                raise _duplicate_error(table, present, member)
        if read_before:
            self._same_members(table, item.ref, members)
        self.objects.update(members)

    def _same_members(self, table: sa.Table, ref: Ref, members: Mapping[Ref, Member]) -> None:
        """Raise ``ModelConflict`` if a table that was read before has other members there."""
        present = {other for other in self.objects if (other.schema, other.table) == (ref.schema, ref.name)}
        for other in sorted(present ^ set(members), key=lambda item: item.key):
            raise ModelConflict(
                object=str(ref),
                first=f"{self.origins[ref]}",
                second=f"{_origin(table)}: {other} is in one of them only",
            )

    def _comment_and_options(self, table: sa.Table) -> tuple[str | None, Options]:
        """The comment of a table, which may be a keyword, and its options."""
        table_options = self._table_options(table)
        comment = table.comment
        if (keyword := table_options.get("comment")) is not None:
            comment = keyword if comment is None else comment
            table_options = table_options.with_(comment=None)
        return str(comment) if self.comments and comment is not None else None, table_options

    def _table_options(self, table: sa.Table) -> Options:
        table_options = options(keywords(table, self.emitter), self.emitter)
        if table_options.get("autoincrement") and self.emitter.compiler.process(table.primary_key) is not None:
            # As SQLAlchemy, which ignores it if the key has two columns or is a foreign key.
            table_options = table_options.with_(autoincrement=None)
        prefixes = " ".join(str(prefix) for prefix in table._prefixes)
        return table_options.with_(prefixes=prefixes) if prefixes else table_options

    def column(self, column: sa.Column[Any], table: sa.Table) -> Column:
        """Read a column as ``get_column_specification`` would write it."""
        try:
            return self._column(column, table)
        except _NOT_EMITTED as error:
            where = f"column {table.fullname}.{column.name}"
            raise ModelReadError(where=where, reason=_error_text(error), hint=_CORRECT_COLUMN) from error

    def _column(self, column: sa.Column[Any], table: sa.Table) -> Column:
        kind = self.types.of(column.type, column)
        for item in kind.named:
            self.put(item, f"{table.fullname}.{column.name}")
        optional_fields: dict[str, Any] = {}
        identity = self._identity(column, table)
        if identity is not None:
            optional_fields["identity"] = identity
        if column.server_default is not None:
            optional_fields.update(self._generated(column, identity))
        if isinstance(column.default, sa.Sequence):
            self.sequence(column.default, f"{table.fullname}.{column.name}")
        if kind.collation is not None:
            optional_fields["collation"] = kind.collation
        if column.comment is not None and self.comments:
            optional_fields["comment"] = str(column.comment)
        vendor_keywords = keywords(column, self.emitter)
        if vendor_keywords or kind.options:
            values = options(vendor_keywords, self.emitter)
            optional_fields["options"] = values.with_(**dict(kind.options)) if kind.options else values
        return Column(str(column.name), kind.datatype, self._is_nullable(column, kind), **optional_fields)

    def _is_nullable(self, column: sa.Column[Any], kind: ResolvedType) -> bool:
        nullable = self.dialect.is_nullable(column, self.emitter.dialect)
        if nullable is not None:
            return nullable
        if (
            column.computed is not None and not column.nullable
        ):  # SQLAlchemy leaves out what was not asked for (MariaDB)
            return "NOT" not in outside(readable(self.emitter.specification(column), self.emitter.lexical_rules))
        return bool(column.nullable) and not kind.not_null

    def _identity(self, column: sa.Column[Any], table: sa.Table) -> Identity | None:
        if column.identity is not None and self.identities:
            return Identity("always" if column.identity.always else "by default", _numbering(column.identity))
        if not column.primary_key or column is not table._autoincrement_column:
            return None
        default = column.default
        # As PGDDLCompiler.get_column_specification: an explicit sequence or a Python-side default is not a SERIAL.
        if default is None or (isinstance(default, sa.Sequence) and (default.optional or not self.sequences)):
            return Identity("auto")
        return Identity("auto") if self._says_autoincrement(column) else None

    def _says_autoincrement(self, column: sa.Column[Any]) -> bool:
        """Whether the column is numbered although it has a default in Python (MySQL, with ``autoincrement=True``)."""
        words = outside(readable(self.emitter.specification(column), self.emitter.lexical_rules))
        return "AUTO_INCREMENT" in words

    def _generated(self, column: sa.Column[Any], identity: Identity | None) -> dict[str, Any]:
        """The fields of ``Column`` for a server default or generated value."""
        computed = column.computed
        if computed is not None:
            text = self.emitter.text(computed.sqltext)
            return {"computed": Computed(Expression(text), computed.persisted)}
        text_or_none = self.emitter.default(column)
        if column.identity is not None or (identity is not None and self.sequences):
            return {}  # SERIAL and GENERATED AS IDENTITY replace the default
        if text_or_none is None:
            return {"default_undescribed": True}  # FetchedValue()
        text, extra = text_or_none, {}
        if "collate" in text.lower():
            text, collation = self.emitter.collation_behind(text, column)
            extra = {"collation": collation} if collation else {}
        needs = self._needs(column.server_default)
        return {"default": Expression(text), **extra, **({"needs": needs} if needs else {})}

    def _needs(self, clause: Any) -> frozenset[Ref]:
        """The sequences that a default uses; those outside of any metadata are read here."""
        arg = getattr(clause, "arg", None)
        sequence = getattr(arg, "sequence", None)
        if isinstance(sequence, sa.Sequence):
            ref = self.sequence(sequence, "a server default")
            return frozenset((ref,)) if ref else NOTHING
        return NOTHING


def _owner(column: Any, sequence: sa.Sequence) -> Ref | None:
    """The column that a declared sequence belongs to: a column, an attribute of a mapped class, or ``table.column``."""
    if column is None:
        return None
    if not isinstance(column, str):
        table = column.table if isinstance(column, sa.Column) else column.property.columns[0].table
        name = column.name if isinstance(column, sa.Column) else column.property.columns[0].name
        return Ref("column", str(name), schema_of(table), str(table.name))
    path = column.rsplit(".", 2)
    if len(path) < 2:
        reason = f"owned_by {column!r} is not a column"
        hint = "Name it with its table: owned_by='orders.number'."
        raise ModelReadError(where=f"sequence {sequence.name}", reason=reason, hint=hint)
    return Ref("column", path[-1], path[0] if len(path) > 2 else schema_of(sequence), path[-2])


def _numbering(sequence: Any) -> Options:
    """Options of a sequence or identity (START, INCREMENT and so on), without the server's defaults."""
    increment = 1 if sequence.increment is None else int(sequence.increment)
    values = {
        "increment": None if increment == 1 else increment,
        "minvalue": None if sequence.minvalue == 1 and increment > 0 else sequence.minvalue,
        "maxvalue": sequence.maxvalue,
        "cache": None if sequence.cache == 1 else sequence.cache,
    }
    first = values["minvalue"] if increment > 0 else values["maxvalue"]
    implied = (1 if increment > 0 else -1) if first is None else first
    values["start"] = None if sequence.start == implied else sequence.start
    texts = {key: None if value is None else str(value) for key, value in values.items()}
    return Options.of({**texts, "cycle": "true" if sequence.cycle else None})


def _origin(table: sa.Table) -> str:
    return f"{table.fullname}({', '.join(str(column.name) for column in table.columns)})"


def _duplicate_error(table: sa.Table, first: Member, second: Member) -> ModelReadError:
    places = sorted(", ".join(sorted(item.column_names())) for item in (first, second))
    how = f"on ({places[0]}) and on ({places[1]})" if places[0] != places[1] else "differently"
    return ModelReadError(
        where=f"table {table.fullname}",
        reason=f"it has two of the name {first.ref.name}, {how}"
        if first.name
        else f"it has two {first.ref.name}, {how}",
        hint="Keep one of them, or give each a name of its own.",
    )


def _where_defined(item: Object, origin: str | None) -> str:
    if isinstance(item, Enum):
        return f"{', '.join(repr(value) for value in item.values)} in {origin}"
    return origin or str(item)


def _error_text(error: Exception) -> str:
    text = str(error.args[0]) if error.args else type(error).__name__
    return " ".join(text.split())
