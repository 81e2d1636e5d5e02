"""check-db: shows the schema of the database, whoever created its objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbwarden.core import kinds
from dbwarden.core.creation import Creation, creations, with_mentioned_needs
from dbwarden.core.dialect import OWN_PREFIX, Connection, Dialect, Scope
from dbwarden.core.model import (
    Check,
    Column,
    Definition,
    Domain,
    Enum,
    Exclude,
    ForeignKey,
    Index,
    IndexElement,
    Object,
    PrimaryKey,
    Projection,
    Schema,
    Sequence,
    Table,
    Unique,
)
from dbwarden.core.overview import state
from dbwarden.core.own_tables import COLUMNS, OwnTables, without_own
from dbwarden.core.resolve import unfinished_notes
from dbwarden.core.sql_script import script
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError, Failure

from .host_drift import HostDrift, host_drift
from .progress import Events, report_work, silent
from .workspace import open_workspace


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A column. ``default`` is SQL; ``extra`` are its other properties (identity, generated, collation, comment)."""

    name: str
    type: str
    nullable: bool
    default: str | None
    extra: str


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A constraint, index, trigger or policy of a table; ``definition`` is abbreviated SQL."""

    kind: str
    name: str | None
    definition: str


@dataclass(frozen=True, slots=True)
class TableLines:
    """A table with its columns, constraints and indexes."""

    name: str
    comment: str | None
    options: dict[str, str]
    columns: tuple[ColumnLine, ...]
    members: tuple[MemberLine, ...]


@dataclass(frozen=True, slots=True)
class ObjectLine:
    """An object that is neither a table nor part of one, such as an enum, a sequence or a view."""

    kind: str
    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class OwnTable:
    """One of DBWarden's own tables."""

    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class CheckDbReport:
    """Schema of the database. ``ddl`` are the statements that create it on an empty database, if they were requested."""

    database: str
    url: str
    server: str
    tables: tuple[TableLines, ...]
    objects: tuple[ObjectLine, ...]
    own_tables: tuple[OwnTable, ...]
    ddl: tuple[str, ...]
    script: str = ""
    """``ddl`` as a script for the engine's client, each object with a comment."""
    refused: tuple[str, ...] = ()
    """Objects that cannot be written as SQL, with the reason; ``ddl`` lacks them."""
    notes: tuple[str, ...] = ()
    """Files that stopped half-way: the schema is between two versions."""
    access: tuple[ObjectLine, ...] = ()
    """Accounts, roles and rights that no migration changes (ClickHouse)."""
    hidden_access: tuple[str, ...] = ()
    """Kinds of them that the account may not see."""
    host_drift: HostDrift | None = None
    """Differences between the hosts of the cluster; ``None`` without one."""


def check_db(
    database: str | None = None,
    *,
    ddl: bool = False,
    config: str | None = None,
    dev: bool = False,
    events: Events = silent,
) -> CheckDbReport:
    """Read the schema of the database; nothing is compared or written.

    With ``ddl``, the report includes it as statements. Raises ``ConnectionFailed``, ``ConfigurationError``, ``DatabaseError``.
    """
    workspace = open_workspace(config, database, dev=dev)
    with report_work(events, f"reading database {workspace.label}"), workspace.connect(read_only=True) as conn:
        dialect = workspace.dialect_for(conn)
        schema = workspace.ignored(dialect).hide(dialect.inspect(conn, Scope(all_namespaces(conn, dialect))))
        own = tuple(_own_tables(conn, workspace.tables))
        notes = unfinished_notes(state((), workspace.records(conn, workspace.readable_files())))
        access = dialect.access_rights(conn)
    steps = creations(with_mentioned_needs(without_own_tables(schema), dialect), dialect) if ddl else ()
    return CheckDbReport(
        database=workspace.label,
        url=workspace.database.shown_url(dev),
        server=dialect.server.product,
        tables=tuple(_table(schema, table) for table in schema.tables()),
        objects=tuple(_other_objects(schema)),
        own_tables=own,
        ddl=tuple(statement for step in steps for statement in step.statements),
        script=script(map(section, steps), dialect.lexical_rules),
        refused=tuple(section(step)[0] for step in steps if step.refused),
        notes=notes,
        access=tuple(ObjectLine(right.kind, right.name, right.definition) for right in access.rights),
        hidden_access=access.unreadable,
        host_drift=host_drift(workspace),
    )


def all_namespaces(conn: Connection, dialect: Dialect) -> tuple[str | None, ...]:
    """The default namespace (``None``) and all others except the server's own."""
    return (None, *(name for name in dialect.namespaces(conn) if name != dialect.server.default_schema))


def _own_tables(conn: Connection, tables: OwnTables) -> Iterator[OwnTable]:
    for table in COLUMNS:
        try:
            yield OwnTable(tables.plain(table), int(conn.query(f"SELECT count(*) FROM {tables.name(table)}")[0][0]))
        except DatabaseError as error:
            if error.failure is not Failure.MISSING_TABLE:
                raise


def without_own_tables(schema: Schema) -> Schema:
    """``schema`` without the tables of DBWarden, also under other names, and what belongs to them."""
    return Schema(
        {ref: item for ref, item in without_own(schema).items() if not (ref.table or ref.name).startswith(OWN_PREFIX)}
    )


def section(step: Creation) -> tuple[str, tuple[str, ...]]:
    """Title and statements of an object in a script."""
    reason = f" cannot be written as SQL: {step.refused}" if step.refused else ""
    return f"{step.ref}{reason}", step.statements


# -- in words -----------------------------------------------------------------------------------------------------


def _name(ref: Ref) -> str:
    return f"{ref.schema}.{ref.name}" if ref.schema else ref.name


def _table(schema: Schema, table: Table) -> TableLines:
    members = sorted(schema.members(table.ref), key=lambda item: (kinds.rank_in_table(item.kind), item.ref.name))
    return TableLines(
        name=_name(table.ref),
        comment=table.comment,
        options=dict(table.options),
        columns=tuple(_column(column) for column in table.columns.values()),
        members=tuple(MemberLine(kinds.title(item.kind), _own_name(item), define(item)) for item in members),
    )


def _own_name(item: Object) -> str | None:
    name = getattr(item, "name", None)
    return str(name) if name else None


def _column(column: Column) -> ColumnLine:
    extra: list[str] = []
    if column.identity is not None:
        options = " ".join(f"{key} {value}" for key, value in column.identity.options)
        mode = column.identity.mode
        words = f"generated {mode} as identity" if mode in ("always", "by default") else mode
        extra.append(f"{words} ({options})" if options else words)
    if column.computed is not None:
        stored = " stored" if column.computed.stored else ""
        extra.append(f"generated always as ({column.computed.expression.text}){stored}")
    if column.collation:
        extra.append(f"collate {column.collation}")
    if column.comment:
        extra.append(f"comment: {column.comment}")
    default = column.default.text if column.default is not None else None
    return ColumnLine(column.name, str(column.type), column.nullable, default, ", ".join(extra))


def define(item: Object) -> str:
    """Abbreviated SQL of a member of a table or another object."""
    match item:
        case PrimaryKey():
            return f"({', '.join(item.columns)})"
        case Unique():
            nulls = " nulls not distinct" if item.nulls_not_distinct else ""
            return f"({', '.join(item.columns)}){nulls}{_deferral(item.deferrable, item.initially)}"
        case Check():
            return f"({item.expression.text})"
        case Projection():
            return f"({item.query.text})"
        case ForeignKey():
            return _foreign_key(item)
        case Exclude():
            elements = ", ".join(f"{_element(element)} with {operator}" for element, operator in item.elements)
            return f"using {item.method} ({elements}){_where(item.where)}"
        case Index():
            return _index(item)
        case Enum():
            return ", ".join(repr(value) for value in item.values)
        case Sequence():
            return " ".join(f"{key} {value}" for key, value in item.options)
        case Domain():
            checks = " ".join(f"check ({expression.text})" for _, expression in item.checks)
            return f"{item.type} {checks}".strip()
        case Definition():
            return item.sql.text
    return ""


def _foreign_key(item: ForeignKey) -> str:
    text = f"({', '.join(item.columns)}) references {_name(item.ref_table)} ({', '.join(item.ref_columns)})"
    if item.match:
        text += f" match {item.match}"
    if item.on_update:
        text += f" on update {item.on_update}"
    if item.on_delete:
        text += f" on delete {item.on_delete}"
    return text + _deferral(item.deferrable, item.initially)


def _deferral(deferrable: bool, initially: str | None) -> str:
    return (" deferrable" if deferrable else "") + (f" initially {initially}" if initially else "")


def _index(item: Index) -> str:
    method = f"using {item.method} " if item.method else ""
    include = f" include ({', '.join(item.include)})" if item.include else ""
    unique = "unique " if item.unique else ""
    return f"{unique}{method}({', '.join(map(_element, item.elements))}){include}{_where(item.where)}"


def _element(element: IndexElement) -> str:
    text = element.column or (f"({element.expression.text})" if element.expression else "?")
    if element.length is not None:
        text += f"({element.length})"
    if element.collation:
        text += f" collate {element.collation}"
    if element.opclass:
        text += f" {element.opclass}"
    if element.descending:
        text += " desc"
    return f"{text} nulls {element.nulls}" if element.nulls else text


def _where(where: object) -> str:
    return f" where {where}" if where is not None else ""


def _other_objects(schema: Schema) -> Iterator[ObjectLine]:
    """Objects that are neither tables nor parts of one, sorted by kind and name."""
    for ref, item in sorted(schema.items(), key=lambda pair: (pair[0].kind, *pair[0].key)):
        if not isinstance(item, Table) and ref.table is None and not ref.name.startswith(OWN_PREFIX):
            yield ObjectLine(kinds.title(ref.kind), _name(ref), define(item))
