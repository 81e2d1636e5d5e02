"""Inspection of a database: one catalogue query per kind of object (``catalog/*.sql``), whatever the number of tables.

``Reader`` runs the queries in an order in which each finds the names it refers to: types before columns, sequences before
the columns that own them, tables before their constraints and indexes. What ``contents.sql`` says there is nothing of is
not asked for: a server spends more time on planning these queries than on running them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

from dbwarden.core import kinds
from dbwarden.core.dialect import Connection, Scope, Server
from dbwarden.core.model import (
    NOTHING,
    Attribute,
    Check,
    Column,
    CompositeType,
    Computed,
    Definition,
    Domain,
    Enum,
    Exclude,
    Extension,
    ForeignKey,
    Identity,
    Namespace,
    Object,
    Partition,
    PrimaryKey,
    Schema,
    Table,
    Unique,
    column_ref,
)
from dbwarden.core.model import Sequence as SequenceObject
from dbwarden.core.options import NO_OPTIONS, Options
from dbwarden.core.own_tables import without_own
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.base.catalog import catalog_query
from dbwarden.dialects.base.names import literal

from . import canonical, default_privileges, foreign, names, owners, publications, roles, text_search, types
from .catalog_options import Row, number_options, storage, table_options, with_row_security
from .index_rows import ColumnNumbers, IndexRows
from .privileges import PrivilegeSet
from .routines import identity
from .words import bare, readable

_expression = partial(Expression, names=canonical.NAMES)

_CONTENTS = ("sequences", "types", "views", "routines", "attachments", "privileges", "default_privileges")
"""The columns of ``contents.sql``, by the query that reads what they announce."""
_OTHER_TYPES = {"c": "composite_type", "r": "range_type"}
"""Kinds of types that columns name without a reference, by ``typtype``."""
_ACTIONS = {"a": None, "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
_MATCH = {"s": None, "f": "full", "p": "partial"}
_NO_SCHEMAS = "(SELECT NULL::oid AS pnpubid, NULL::oid AS pnnspid WHERE false)"
"""What stands for the schemas of publications before version 15."""
_NEEDED = {
    "r": "table",
    "p": "table",
    "v": "view",
    "m": "materialized_view",
    "S": "sequence",
    "f": "table",
    "function": "function",
    "aggregate": "aggregate",
    "text_search_dictionary": "text_search_dictionary",
    "type_e": "enum",
    "type_d": "domain",
    "type_c": "composite_type",
}


def inspect(conn: Connection, scope: Scope, server: Server) -> Schema:
    """Canonical schema of the namespaces in scope, in at most sixteen queries, and one more for owners and two for roles."""
    return canonical.canonical(without_own(Schema(read(conn, scope, server))), server)


def read(conn: Connection, scope: Scope, server: Server) -> list[Object]:
    """Objects as the catalogue stores them, not yet canonical."""
    reader = Reader(conn, scope, server)
    objects: list[Object] = [*reader.namespaces(), *reader.types()]
    sequences = list(reader.sequences())
    tables = reader.tables()
    objects += [*sequences, *tables, *reader.members()]
    if scope.definitions:
        attachments = reader.attachments()
        objects += [*reader.views(), *reader.routines(attachments), *attachments.definitions, *reader.standalone]
        objects += [*reader.privileges(), *reader.default_privileges()]
    if scope.owners:
        objects += reader.owners()
    if scope.accounts:
        objects += reader.roles()
    return objects


@lru_cache(maxsize=256)
def statement(name: str, version: tuple[int, ...], namespaces: tuple[str, ...]) -> str:
    """Catalogue query for these namespaces, without the columns that this version lacks."""
    text = catalog_query(__package__, name)
    if version < (15,):
        text = text.replace("i.indnullsnotdistinct", "false").replace("k.confdelsetcols::int2[]", "NULL::int2[]")
        text = text.replace("pg_catalog.pg_publication_namespace", _NO_SCHEMAS)
        text = text.replace("pr.prattrs::int2[]", "NULL::int2[]").replace("pr.prqual", "NULL::pg_node_tree")
    if version < (16,):
        text = text.replace("a.inherit_option", "m.rolinherit").replace("a.set_option", "true")
    array = ", ".join(literal(name) for name in namespaces)
    return text.replace(":'namespaces'", f"ARRAY[{array}]::text[]")


class Reader:
    """One inspection: runs the queries, and maps object ids to names."""

    def __init__(self, conn: Connection, scope: Scope, server: Server) -> None:
        self.conn, self.server = conn, server
        self.contents: dict[str, bool] = {}
        wanted = (schema if schema is not None else server.default_schema for schema in scope.schemas)
        self.namespace_names = tuple(dict.fromkeys(name for name in wanted if name is not None))
        self.user_types: dict[int, DataType] = {}
        self.other_types: dict[int, Ref] = {}
        self.owned: dict[tuple[int, int], Row] = {}
        self.column_numbers: dict[int, ColumnNumbers] = {}
        self.standalone: list[Definition] = []
        self.contents = dict(zip(_CONTENTS, self.query("contents")[0], strict=True))

    def query(self, name: str) -> Sequence[Row]:
        """Rows of a catalogue query; none, without asking the server, where ``contents`` has nothing for it."""
        if not self.contents.get(name, True):
            return ()
        return self.conn.query(statement(name, self.server.version, self.namespace_names))

    def schema(self, name: str) -> str | None:
        return None if name == self.server.default_schema else name

    # -- namespaces, types and sequences ----------------------------------------------------------------------------------------

    def namespaces(self) -> Iterator[Object]:
        for kind, name, schema, comment, statements, lost in self.query("namespaces"):
            if kind == "extension":
                usual = statements[0] if statements else None
                yield Extension(name, self.schema(schema), None, comment if comment != usual else None, usual)
            elif kind == "collation":
                self.standalone.append(self.collation(name, self.schema(schema), comment, statements))
            elif kind == "foreign_server":
                self.standalone.append(self.server_definition(name, schema, comment, statements, lost))
            elif self.schema(name) is not None:
                yield Namespace(name, comment)

    def server_definition(
        self, name: str, extension: str | None, comment: str | None, statements: Sequence[str], lost: Sequence[str]
    ) -> Definition:
        """A foreign server, which needs the extension of its wrapper."""
        created, *others = statements
        needs = frozenset((Ref("extension", extension),)) if extension else NOTHING
        return Definition(
            "foreign_server",
            name,
            Expression(created),
            None,
            None,
            comment,
            tuple(others),
            needs=needs,
            lost=tuple(lost),
        )

    def collation(self, name: str, schema: str | None, comment: str | None, statements: Sequence[str]) -> Definition:
        created, *others = (text.replace("{}", names.qualified(name, schema), 1) for text in statements)
        return Definition("collation", name, Expression(created), schema, None, comment, tuple(others))

    def types(self) -> Iterator[Object]:
        rows = self.query("types")
        for row in rows:
            if row[4] in _OTHER_TYPES:
                other = Ref(_OTHER_TYPES[row[4]], row[3], self.schema(row[2]))
                self.other_types |= {row[0]: other, row[1]: other}
                continue
            kind = "enum" if row[4] == "e" else "domain"
            user_type = DataType(row[3], ref=Ref(kind, row[3], self.schema(row[2])))
            self.user_types[row[0]] = user_type
            if row[1]:
                self.user_types[row[1]] = replace(user_type, array=1)
        for row in rows:
            if row[2] in self.namespace_names:
                yield self.type_object(row)

    def type_object(self, row: Row) -> Object:
        match row[4]:
            case "e":
                return self.enum(row)
            case "d":
                return self.domain(row)
            case "r":
                return self.range(row)
        return self.composite(row)

    def composite(self, row: Row) -> CompositeType:
        parts = zip(row[14], row[17], row[15], row[16], strict=True)
        attributes = tuple(Attribute(name, self.type(oid, text), collation) for name, oid, text, collation in parts)
        needs = frozenset(self.other_types[oid] for oid in row[17] if oid in self.other_types)
        return CompositeType(row[3], attributes, self.schema(row[2]), row[6], needs, tuple(row[19]))

    def range(self, row: Row) -> Definition:
        schema = self.schema(row[2])
        text = Expression(f"CREATE TYPE {names.qualified(row[3], schema)} AS RANGE ({row[18]})")
        details = tuple(detail.replace("{}", names.qualified(row[3], schema), 1) for detail in row[19])
        return Definition("range_type", row[3], text, schema, comment=row[6], dependents=details)

    def enum(self, row: Row) -> Enum:
        return Enum(row[3], tuple(row[5]), self.schema(row[2]), row[6], tuple(row[19]))

    def domain(self, row: Row) -> Domain:
        checks = tuple(
            (name, _expression(_check_text(text))) for name, text in zip(row[12] or (), row[13] or (), strict=True)
        )
        default = _expression(row[10]) if row[10] is not None else None
        base = self.type(row[8], row[7])
        needs = frozenset((self.other_types[row[8]],)) if row[8] in self.other_types else NOTHING
        return Domain(
            row[3], base, self.schema(row[2]), not row[9], default, row[11], checks, row[6], needs, tuple(row[19])
        )

    def type(self, oid: int, text: str) -> DataType:
        return self.user_types.get(oid) or types.from_catalogue(text, self.server.default_schema)

    def sequences(self) -> Iterator[Object]:
        """Yield the sequences of their own; those of serial and identity columns go to ``owned``, for the columns."""
        for row in self.query("sequences"):
            if row[9] == "i" or row[12]:
                self.owned[row[10], row[11]] = row
            else:
                yield self.sequence(row)

    def sequence(self, row: Row) -> SequenceObject:
        kind = types.from_catalogue(row[2], None)
        datatype = None if kind.name == "bigint" else kind
        owner = Ref("column", row[15], self.schema(row[13]), row[14]) if row[9] is not None else None
        options = number_options(row, kind.name)
        return SequenceObject(row[1], self.schema(row[0]), datatype, options, owner, row[17], tuple(row[16]))

    # -- tables ---------------------------------------------------------------------------------------------------

    def tables(self) -> list[Table]:
        rows = self.query("tables")
        if not rows:
            return []
        columns: dict[int, dict[str, Column]] = {}
        for row in rows:
            self.column_numbers[row[0]] = ColumnNumbers(Ref("table", row[2], self.schema(row[1])))
            columns[row[0]] = {}
        self.read_columns(columns)
        partitions = self.partitions() if any(row[8] for row in rows) else {}
        return [
            Table(
                row[2], columns[row[0]], self.schema(row[1]), row[7], with_row_security(row), partitions.get(row[0], ())
            )
            for row in rows
        ]

    def partitions(self) -> dict[int, tuple[Partition, ...]]:
        by_root: dict[int, list[Partition]] = {}
        for row in self.query("partitions"):
            root, _, name, above, parent_schema, parent, bounds, statements, lost, comment = *row[:3], *row[10:]
            of = Ref("table" if above == root else "partition", parent, self.schema(parent_schema))
            partition = Partition(
                name, of, _expression(bounds), self.schema(row[1]), table_options(row), comment,
                tuple(statements), tuple(lost),
            )  # fmt: skip
            by_root.setdefault(root, []).append(partition)
        return {root: tuple(partitions) for root, partitions in by_root.items()}

    def read_columns(self, columns: dict[int, dict[str, Column]]) -> None:
        user_types, default_schema = self.user_types, self.server.default_schema
        table_oid, into, table = -1, None, None
        for row in self.query("columns"):
            (
                oid,
                number,
                name,
                text,
                type_oid,
                required,
                identity,
                generated,
                default,
                collation,
                *_,
                local,
                acl,
                far,
            ) = row
            if oid != table_oid:
                table_oid, into, table = oid, columns.get(oid), self.column_numbers.get(oid)
            if acl:
                self.contents["privileges"] = True
            if into is None or table is None:
                continue
            table.names[number] = name
            if collation:
                table.collations[number] = collation
            if not local:
                continue
            type_ = user_types.get(type_oid) or types.from_catalogue(text, default_schema)
            if default is None and not identity and row[10] is None and row[11] is None:
                into[name] = Column(name, type_, not required)
            else:
                into[name] = self.column(row, type_, generated)
            if far:
                options = Options.of({foreign.OPTIONS.key: foreign.from_catalogue(far)})
                into[name] = replace(into[name], options=options)
            if type_oid in self.other_types:
                needs = into[name].needs | {self.other_types[type_oid]}
                into[name] = replace(into[name], needs=needs)

    def column(self, row: Row, type_: DataType, generated: str) -> Column:
        name, default, needs = row[2], row[8], NOTHING
        owner = self.owned.get((row[0], row[1]))
        identity, computed, expression = None, None, None
        if row[6] and owner is not None:
            identity = Identity("always" if row[6] == "a" else "by default", number_options(owner, type_.name))
            needs = frozenset((Ref("sequence", owner[1], self.schema(owner[0])),))
        elif default is not None and generated:
            computed = Computed(_expression(bare(default)), generated == "s")
        elif default is not None and owner is not None:
            drawn = self.sequence(owner)
            numbers = number_options(owner, types.from_catalogue(owner[2], None).name)
            identity = Identity("serial", numbers, _expression(default), drawn)
            needs = frozenset((drawn.ref,))
        elif default is not None:
            expression = _expression(default)
        return Column(
            name, type_, not row[5], expression, identity, computed, collation=row[10], comment=row[11], needs=needs
        )

    # -- constraints and indexes ----------------------------------------------------------------------------------

    def members(self) -> Iterator[Object]:
        if not self.column_numbers:
            return
        rows = self.query("indexes")
        opclasses: dict[int, str] = dict(self.query("opclasses"))
        reader = IndexRows(opclasses, self.collation_names(rows))
        by_oid = {row[1]: row for row in rows}
        behind: set[int] = set()
        for row in self.query("constraints"):
            table = self.column_numbers.get(row[0])
            if table is None:
                continue
            if row[2] in "pux":
                behind.add(row[4])
            yield self.constraint(row, table, by_oid, reader)
        for row in rows:
            table = self.column_numbers.get(row[0])
            if table is not None and row[1] not in behind:
                yield reader.index(row, table)

    def collation_names(self, rows: Sequence[Row]) -> dict[int, str]:
        for row in rows:
            table = self.column_numbers.get(row[0])
            for number, collation in zip(row[6], row[10], strict=False):
                if table and collation and (not number or table.collations.get(number) != collation):
                    return dict(self.query("collations"))
        return {}

    def constraint(self, row: Row, table: ColumnNumbers, indexes: dict[int, Row], reader: IndexRows) -> Object:
        name, kind, comment = row[1], row[2], row[9]
        initially = "deferred" if row[6] else None
        not_valid = NO_OPTIONS if row[7] else Options.of({"not_valid": "true"})
        if kind == "c":
            columns = table.columns(row[3]) if row[3] else ()
            return Check(table.ref, name, _expression(readable(row[10])), columns, row[8], comment, not_valid)
        if kind == "f":
            return self.foreign_key(row, table, initially, not_valid)
        index = indexes[row[4]]
        extra = storage(index)
        if kind == "x":
            elements = reader.elements(index, table)
            where = _expression(readable(index[15])) if index[15] is not None else None
            operators = tuple(zip(elements, row[20], strict=True))
            return Exclude(table.ref, name, operators, index[5], where, row[5], initially, comment, extra)
        columns, include = table.columns(row[3]), table.columns(index[6][index[7] :])
        if kind == "p":
            return PrimaryKey(table.ref, name, columns, include, row[5], initially, comment, extra)
        return Unique(table.ref, name, columns, include, index[13], row[5], initially, comment, extra)

    def foreign_key(self, row: Row, table: ColumnNumbers, initially: str | None, extra: Options) -> ForeignKey:
        referenced = self.column_numbers.get(row[11])
        ref = referenced.ref if referenced is not None else Ref("table", row[13], self.schema(row[12]))
        columns = referenced.columns(row[14]) if referenced is not None else tuple(row[15] or ())
        deleted = _ACTIONS[row[17]]
        if row[19]:
            deleted = f"{deleted} ({', '.join(names.quote(column) for column in table.columns(row[19]))})"
        return ForeignKey(
            table.ref, row[1], table.columns(row[3]), ref, columns,
            _ACTIONS[row[16]], deleted, _MATCH[row[18]], row[5], initially, row[9], extra,
        )  # fmt: skip

    # -- text-defined ---------------------------------------------------------------------------------------------

    def views(self) -> Iterator[Object]:
        for row in self.query("views"):
            (
                kind,
                schema,
                name,
                text,
                parameters,
                method,
                tablespace,
                populated,
                hanging,
                lost,
                needs,
                comment,
                columns,
            ) = row
            object_kind = "view" if kind == "v" else "materialized_view"
            extra = f" USING {names.quote(method)}" if method else ""
            extra += f" WITH ({', '.join(parameters)})" if parameters else ""
            extra += f" TABLESPACE {names.quote(tablespace)}" if tablespace else ""
            title, where = object_kind.replace("_", " ").upper(), names.qualified(name, self.schema(schema))
            created = f"CREATE {title} {where}{extra} AS\n{text.rstrip(';')}"
            sql = Expression(created if populated else f"{created} WITH NO DATA", created)
            refs = frozenset(ref for need in needs for ref in self.needed(need))
            yield Definition(
                object_kind, name, sql, self.schema(schema), None, comment, tuple(hanging),
                tuple(tuple(column.split("\x1f")) for column in columns), refs, tuple(lost),
            )  # fmt: skip

    def needed(self, text: str) -> Iterator[Ref]:
        kind, schema, name, *column = text.split("\x1f")
        if kinds.of(kind).is_routine:
            name = identity(name, self.server.default_schema, kind)
        yield Ref(_NEEDED.get(kind, "table"), name, self.schema(schema))
        if column:
            yield Ref("column", column[0], self.schema(schema), name)

    def routines(self, attachments: _Attachments) -> Iterator[Object]:
        default_schema = self.server.default_schema
        for row in self.query("routines"):
            kind, schema, name, text, relation, table, comment, dependents, needed = row
            place = self.schema(schema) if schema is not None else None
            on = Ref(relation, table, place) if table is not None else None
            if kinds.of(kind).is_routine:
                name = identity(name, default_schema, kind)
            if kind in text_search.KINDS:
                qualified = names.qualified(name, place)
                text = text.replace("{}", qualified)
                dependents = [statement.replace("{}", qualified, 1) for statement in dependents]
            hanging, needs, lost = attachments.of.get((kind, schema, name, table), ((), frozenset(), ()))
            needs |= {ref for need in needed for ref in self.needed(need)}
            yield Definition(
                kind, name, Expression(text.rstrip()), place, on, comment,
                (*hanging, *dependents), needs=needs, lost=lost,
            )  # fmt: skip

    def privileges(self) -> Iterator[Object]:
        for kind, schema, name, column, grantee, privileges, owner in self.query("privileges"):
            place = self.schema(schema) if schema is not None else None
            named = identity(name, self.server.default_schema, kind) if kinds.of(kind).is_routine else name
            needs = []
            if owner is not None:
                table_schema, table, number = owner.split("\x1f")
                needs = [column_ref(Ref("table", table, self.schema(table_schema)), number)]
            granted = PrivilegeSet(Ref(kind, named, place), column, grantee, tuple(privileges))
            item = granted.definition(self.server, needs)
            if not item.absent:
                yield item

    def default_privileges(self) -> Iterator[Object]:
        own = self.server.settings.get(default_privileges.ROLE)
        for role, schema, objects, grantee, privileges in self.query("default_privileges"):
            creator = role if role != own else None
            kind = default_privileges.OBJECT_TYPES[objects]
            given = default_privileges.DefaultPrivilegeSet(kind, grantee, tuple(privileges), schema, creator)
            item = given.definition(self.server)
            if not item.absent:
                yield item

    def owners(self) -> Iterator[Object]:
        """The owner of each object that can have a declared one."""
        for kind, schema, name, owner, table in self.query("owners"):
            named = identity(name, self.server.default_schema, kind) if kinds.of(kind).is_routine else name
            outside = kinds.of(kind).of_database
            yield owners.definition(Ref(kind, named, None if outside else self.schema(schema), table), owner)

    def roles(self) -> Iterator[Object]:
        """Roles of the server and their memberships."""
        for name, attributes, configured, comment, lost in self.query("roles"):
            settings = dict(text.split("=", 1) for text in configured)
            values = {key.lower(): roles.setting(key.lower(), value) for key, value in settings.items()}
            yield replace(roles.role(name, attributes, values, comment), lost=tuple(lost))
        for group, member, admin, inherit, set_role in self.query("memberships"):
            yield roles.RoleMember(group, member, admin, inherit, set_role).definition()

    def attachments(self) -> _Attachments:
        attachments = _Attachments()
        for row in self.query("attachments"):
            kind, attached, schema, name, table_schema, table, statements, columns, lost, comment = row
            needs = frozenset(ref for need in columns for ref in self.needed(need))
            if kind in ("trigger", "function", "procedure"):
                attachments.of[kind, schema, name, table] = (tuple(statements), needs, tuple(lost))
                continue
            if kind == "publication_schema":
                needs |= {Ref("publication", name)}
            on = Ref("table", table, self.schema(table_schema)) if table is not None else None
            if kind == "publication_table" and on is not None:
                published, where = publications.table_clauses(statements[0])
                item = publications.table_definition(
                    name, on, published, readable(where) if where is not None else None
                )
                attachments.definitions.append(replace(item, needs=item.needs | needs))
                continue
            if kind == "statistics":
                attachments.definitions.append(self.statistics(schema, name, on, statements, needs))
                continue
            if kind == "publication":
                created, *others = statements
                attachments.definitions.append(
                    Definition(kind, name, Expression(created), None, None, comment, tuple(others))
                )
                continue
            text = Expression(";\n".join(statements))
            place = self.schema(schema) if schema is not None else None
            attachments.definitions.append(
                Definition(kind, name, text, place, on, comment, needs=needs, lost=tuple(lost), attached=attached)
            )
        return attachments

    def statistics(
        self, schema: str, name: str, on: Ref | None, statements: Sequence[str], needs: frozenset[Ref]
    ) -> Definition:
        """Extended statistics, whose statements always have the schema."""
        printed, short = (
            f" {names.quote(schema)}.",
            f" {names.quote(self.schema(schema))}." if self.schema(schema) else " ",
        )
        created, *others = (text.replace(printed, short, 1) for text in statements)
        return Definition(
            "statistics",
            name,
            Expression(created),
            self.schema(schema),
            on,
            None,
            tuple(others),
            needs=needs,
            attached=True,
        )


@dataclass(slots=True)
class _Attachments:
    """Objects attached to tables and columns, such as grants, and what is attached to triggers and functions."""

    definitions: list[Definition] = field(default_factory=list)
    of: dict[tuple[str, str, str, str | None], tuple[tuple[str, ...], frozenset[Ref], tuple[str, ...]]] = field(
        default_factory=dict
    )
    """By kind, schema, name and table: statements after the CREATE, columns it depends on, and what a new CREATE would lose."""


def _check_text(text: str) -> str:
    return bare(text.removesuffix(" NOT VALID").removeprefix("CHECK "))
