"""Renderer of MySQL and MariaDB: the clauses in which they differ from the base, and from each other.

A table is printed whole: keys, checks, foreign keys, comments and options stand inside CREATE TABLE. Every change of a
table is a clause of ALTER TABLE, so that changes of one table can be joined into one statement (``regroup``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import ClassVar

from dbwarden.core.column_places import ColumnPlace
from dbwarden.core.dialect import Server
from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    Definition,
    ForeignKey,
    Index,
    IndexElement,
    Member,
    Object,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from dbwarden.core.sqltext import TokenKind
from dbwarden.core.tokens import replaced
from dbwarden.core.types import DataType, Ref
from dbwarden.dialects.base.names import Quoting, block
from dbwarden.dialects.base.renderer import NO_NAMES, Renderer

from . import definitions
from .words import LEXICAL_RULES, QUOTING, string_value

MARIADB = "mariadb"
_RANK = (PrimaryKey, Unique, Index, Check, ForeignKey)
_COLUMN_OPTIONS = (("column_format", "COLUMN_FORMAT {}"), ("storage", "STORAGE {}"))
_TABLE_OPTIONS = {
    "charset": "DEFAULT CHARSET",
    "data_directory": "DATA DIRECTORY",
    "index_directory": "INDEX DIRECTORY",
}
"""Options of a table whose word is not their key in upper case."""
_QUOTED_OPTIONS = frozenset(
    "compression connection data_directory encryption engine_attribute index_directory password"
    " secondary_engine_attribute".split()
)
_FIRST_OPTIONS = ("engine", "auto_increment", "charset", "collate", "row_format", "key_block_size")
_APART = frozenset(("partition_by", "system_versioning", "periods"))
"""Options of a table that are clauses of their own, not ``KEY=value``."""
_ROW_TIMES = frozenset(("ROW START", "ROW END"))
"""Generated values of the columns of a system-versioned table's period."""
_GEOMETRIES = frozenset(
    "geometry point linestring polygon multipoint multilinestring multipolygon geometrycollection geomcollection".split()
)


class MySQLRenderer(Renderer):
    """Renderer for one server: flavour, version and ``sql_mode`` decide some clauses."""

    quoting: ClassVar[Quoting] = QUOTING
    drops: ClassVar[Mapping[str, str]] = {
        "view": "DROP VIEW {name}",
        "trigger": "DROP TRIGGER {name}",
        "function": "DROP FUNCTION {name}",
        "procedure": "DROP PROCEDURE {name}",
        "event": "DROP EVENT {name}",
    }

    def __init__(self, server: Server) -> None:
        self.server = server
        self.mariadb = server.flavour == MARIADB
        self.escapes = "NO_BACKSLASH_ESCAPES" not in (server.settings.get("sql_mode") or "").upper()

    @property
    def product(self) -> str:  # type: ignore[override]
        """Name of the engine in messages."""
        return "MariaDB" if self.mariadb else "MySQL"

    # -- texts --------------------------------------------------------------------------------------------------------

    def literal(self, text: str) -> str:
        """A string literal, with backslashes doubled unless the server's ``sql_mode`` takes them as they are."""
        text = text.replace("'", "''")
        return f"'{text.replace(chr(92), chr(92) * 2) if self.escapes else text}'"

    def expression(self, text: str) -> str:
        """An expression of a schema, in which backslashes escape, as the server reads it."""
        if self.escapes or "\\" not in text:
            return text
        return replaced(
            text,
            LEXICAL_RULES,
            lambda token: (
                self.literal(string_value(token.text) or "") if token.kind is TokenKind.STRING else token.text
            ),
        )

    def qualified(self, name: str, schema: str | None) -> str:
        if schema is not None:
            raise self.unsupported(f"{name} in database {schema}", "migrations change the database of the URL only")
        return self.quote(name)

    # -- columns ------------------------------------------------------------------------------------------------------

    def type(self, datatype: DataType) -> str:
        args = tuple(self.expression(arg) for arg in datatype.args)
        return super().type(DataType(datatype.name, args, modifiers=datatype.modifiers))

    def column_clauses(self, column: Column) -> Iterator[str]:
        yield self.type(column.type)
        charset = column.options.get("charset")
        yield f"CHARACTER SET {charset}" if charset else ""
        yield self.collate_clause(column)
        if self.mariadb:
            yield self._srid(column)
        if column.computed is not None:
            yield self.generated(column.computed)
            yield "" if self.mariadb else self.not_null(column)  # MariaDB has no NOT NULL on generated columns
        else:
            yield self.not_null(column)
        yield "" if self.mariadb else self._srid(column)
        if column.computed is None:
            yield self.default(column)
            yield self._on_update(column)
        yield "AUTO_INCREMENT" if column.identity is not None else ""
        yield "INVISIBLE" if column.options.get("invisible") == "true" else ""
        yield "WITHOUT SYSTEM VERSIONING" if column.options.get("without_system_versioning") == "true" else ""
        for key, clause in _COLUMN_OPTIONS:
            value = column.options.get(key)
            yield clause.format(value.upper()) if value else ""
        if column.comment is not None:
            yield f"COMMENT {self.literal(column.comment)}"

    def collation(self, name: str) -> str:
        return name

    def not_null(self, column: Column) -> str:
        """NOT NULL; a nullable TIMESTAMP says so, because it is NOT NULL without ``explicit_defaults_for_timestamp``."""
        if not column.nullable:
            return "NOT NULL"
        return "NULL" if column.type.name == "timestamp" and column.computed is None else ""

    def default(self, column: Column) -> str:
        return f"DEFAULT {self.expression(column.default.text)}" if column.default is not None else ""

    def generated(self, computed: Computed) -> str:
        if computed.expression.text in _ROW_TIMES:
            return f"GENERATED ALWAYS AS {computed.expression.text}"
        kind = "STORED" if computed.stored else "VIRTUAL"
        return f"GENERATED ALWAYS AS ({self.expression(computed.expression.text)}) {kind}"

    def _on_update(self, column: Column) -> str:
        value = column.options.get("on_update")
        return f"ON UPDATE {value}" if value else ""

    def _srid(self, column: Column) -> str:
        srid = column.options.get("srid")
        if not srid or column.type.name not in _GEOMETRIES:
            return ""
        return f"REF_SYSTEM_ID={srid}" if self.mariadb else f"SRID {srid}"

    # -- constraints and indexes --------------------------------------------------------------------------------------

    def constraint(self, member: Member, taken: frozenset[str] = NO_NAMES) -> str:
        """A key, index or constraint as it is written in CREATE TABLE and after ADD."""
        if isinstance(member, PrimaryKey):
            return self.body(member)
        if isinstance(member, Index):
            return self.index_clause(member)
        return super().constraint(member, taken)

    def key_tail(self, key: PrimaryKey | Unique) -> str:
        method = key.options.get("using")
        return f" USING {method.upper()}" if method else ""

    def check_tail(self, check: Check) -> str:
        return " NOT ENFORCED" if not self.mariadb and check.options.get("not_enforced") == "true" else ""

    def body(self, member: Member) -> str:
        if isinstance(member, Check):
            return f"CHECK ({self.expression(member.expression.text)}){self.check_tail(member)}"
        if isinstance(member, PrimaryKey):
            return f"PRIMARY KEY ({self.key_columns(member)}{self._overlaps(member)}){self.key_tail(member)}"
        return super().body(member)

    def _overlaps(self, member: PrimaryKey | Index) -> str:
        """The period of a key WITHOUT OVERLAPS."""
        period = member.options.get("without_overlaps")
        return f", {self.quote(period)} WITHOUT OVERLAPS" if period else ""

    def index_clause(self, index: Index) -> str:
        """``UNIQUE INDEX name (a, b DESC) COMMENT '...'``."""
        special = (index.method or "").lower() in ("fulltext", "spatial")
        kind = (index.method or "").upper() if special else "UNIQUE" if index.unique else ""
        using = f" USING {index.method.upper()}" if index.method and not special else ""
        name = self.quote(index.name) if index.name else ""
        head = " ".join(filter(None, (kind, "INDEX", name)))
        elements = ", ".join(map(self.element, index.elements)) + self._overlaps(index)
        return f"{head}{using} ({elements}){self.index_tail(index)}"

    def index_tail(self, index: Index) -> str:
        options = index.options
        clauses = []
        if size := options.get("key_block_size"):
            clauses.append(f"KEY_BLOCK_SIZE={size}")
        if parser := options.get("parser"):
            clauses.append(f"WITH PARSER {self.quote(parser)}")
        if index.comment is not None:
            clauses.append(f"COMMENT {self.literal(index.comment)}")
        if options.get("invisible") == "true":
            clauses.append(self.hidden(True))
        return "".join(f" {clause}" for clause in clauses)

    def hidden(self, hidden: bool) -> str:
        """The word that hides an index from the optimizer, or shows it again."""
        if self.mariadb:
            return "IGNORED" if hidden else "NOT IGNORED"
        return "INVISIBLE" if hidden else "VISIBLE"

    def element(self, element: IndexElement) -> str:
        direction = " DESC" if element.descending else ""
        if element.expression is not None:
            if self.mariadb:
                reason = "index a generated column instead: it has no indexes on expressions"
                raise self.unsupported(f"an index on ({element.expression})", reason)
            return f"({self.expression(element.expression.text)}){direction}"
        length = f"({element.length})" if element.length is not None else ""
        return f"{self.quote(element.column or '')}{length}{direction}"

    # -- tables -------------------------------------------------------------------------------------------------------

    def create(self, table: Table, parts: Iterable[Object], before: Schema) -> Iterator[str]:
        yield self.create_table(table, [part for part in parts if isinstance(part, Member)])

    def create_table(
        self, table: Table, members: Iterable[Member], name: str | None = None, taken: frozenset[str] = NO_NAMES
    ) -> str:
        """CREATE TABLE with its keys, indexes, constraints, comments and options."""
        members = list(members)
        inside = [member for member in members if isinstance(member, Check) and member.in_column in table.columns]
        items = [
            self.column_with(column, (check for check in inside if check.in_column == name))
            for name, column in table.columns.items()
        ]
        items += [self.constraint(member) for member in sorted(members, key=member_key) if member not in inside]
        items += list(filter(None, [table.options.get("periods")]))
        opening = f"CREATE {self.table_word(table)} {self.quote(name) if name else self.of(table.ref)} ("
        return block(opening, items) + self.table_tail(table)

    def table_tail(self, table: Table) -> str:
        options = list(self.table_options(table))
        versioned = " WITH SYSTEM VERSIONING" if table.options.get("system_versioning") == "true" else ""
        partitions = table.options.get("partition_by")
        return (
            (" " + " ".join(options) if options else "")
            + versioned
            + (f"\nPARTITION BY {partitions}" if partitions else "")
        )

    def table_options(self, table: Table) -> Iterator[str]:
        """``KEY=value`` for each option of a table, and its comment."""
        values = dict(table.options)
        keys = [key for key in _FIRST_OPTIONS if key in values]
        keys += [key for key in values if key not in _FIRST_OPTIONS and key not in _APART]
        for key in keys:
            yield self.table_option(key, values[key])
        if table.comment is not None:
            yield f"COMMENT={self.literal(table.comment)}"

    def table_option(self, key: str, value: str) -> str:
        """One option of a table: ``ROW_FORMAT=DYNAMIC``."""
        word = _TABLE_OPTIONS.get(key, key.upper())
        if key in _QUOTED_OPTIONS:
            return f"{word}={self.literal(value)}"
        return f"{word}={value.upper() if key == 'row_format' else value}"

    # -- changes of a table -------------------------------------------------------------------------------------------

    def alter(self, table: Ref, clauses: Sequence[str]) -> tuple[str, ...]:
        """One ALTER TABLE with these clauses, or nothing."""
        if not clauses:
            return ()
        head = f"ALTER TABLE {self.of(table)}"
        if len(clauses) == 1:
            return (f"{head} {clauses[0]}",)
        return (head + "\n" + ",\n".join(f"    {clause}" for clause in clauses),)

    def add_column(self, column: Column, table: Ref, members: Iterable[Member] = ()) -> tuple[str, ...]:
        """ADD COLUMN, with the keys that the same statement has to add."""
        return self.alter(table, [self.add_column_clause(column), *map(self.add_clause, members)])

    def add_column_clause(self, column: Column, place: ColumnPlace | None = None) -> str:
        """ADD COLUMN; FIRST or AFTER if it has a ``place`` before others."""
        return f"ADD COLUMN {self.column(column)}{self.column_place(place)}"

    def modify_clause(self, column: Column, checks: Iterable[Check] = ()) -> str:
        """MODIFY COLUMN with the whole definition: what it leaves out would be lost."""
        return f"MODIFY COLUMN {self.column_with(column, checks)}"

    def column_with(self, column: Column, checks: Iterable[Check]) -> str:
        """A column with the checks that its definition contains."""
        return " ".join((self.column(column), *map(self.body, checks)))

    def drop_column_clause(self, column: Column) -> str:
        return f"DROP COLUMN {self.quote(column.name)}"

    def drop_column(self, column: Column, table: Ref) -> tuple[str, ...]:
        return self.alter(table, [self.drop_column_clause(column)])

    def add_member(self, member: Member, taken: frozenset[str] = NO_NAMES) -> tuple[str, ...]:
        return self.alter(member.table, [self.add_clause(member)])

    def add(self, member: Member, taken: frozenset[str] = NO_NAMES) -> str:
        return self.add_member(member)[0]

    def add_clause(self, member: Member) -> str:
        return f"ADD {self.constraint(member)}"

    def drop_member(self, member: Member) -> tuple[str, ...]:
        return self.alter(member.table, [self.drop_clause(member)])

    def drop_clause(self, member: Member) -> str:
        """DROP PRIMARY KEY, INDEX, FOREIGN KEY, or CHECK (MariaDB: CONSTRAINT)."""
        name = self.quote(member.name or "")
        match member:
            case PrimaryKey():
                return "DROP PRIMARY KEY"
            case Index() | Unique():
                return f"DROP INDEX {name}"
            case ForeignKey():
                return f"DROP FOREIGN KEY {name}"
        return f"DROP {'CONSTRAINT' if self.mariadb else 'CHECK'} {name}"

    def column_extras(self, column: Column, table: Ref) -> Iterator[str]:
        """Nothing: a column's definition has everything."""
        return iter(())

    def member_comment(self, member: Member) -> tuple[str, ...]:
        """Nothing: an index has its comment in its definition."""
        return ()

    def index(self, index: Index, manner: str = "") -> str:
        """ALTER TABLE ... ADD INDEX."""
        return self.add(index)

    def create_definition(self, definition: Definition) -> tuple[str, ...]:
        if definition.kind.startswith("package"):  # semicolons part its declarations, as they part statements
            raise self.unsupported(f"writing {definition.ref}", "a package (sql_mode=ORACLE) is left as it is")
        self._drop_template(definition)
        return definitions.create(definition)

    def drop_definition(self, definition: Definition) -> tuple[str, ...]:
        if definition.lost:
            reason = f"dropping and creating it again would lose {', '.join(definition.lost)}"
            raise self.unsupported(str(definition.ref), reason)
        return super().drop_definition(definition)

    def rename(self, old: Ref, new: Ref) -> tuple[str, ...]:
        """RENAME TABLE, RENAME COLUMN or RENAME INDEX."""
        if old.kind in ("table", "view"):
            return (f"RENAME TABLE {self.of(old)} TO {self.of(new)}",)
        if old.kind in ("column", "index"):
            table = Ref("table", old.table or "", old.schema)
            clause = f"RENAME {old.kind.upper()} {self.quote(old.name)} TO {self.quote(new.name)}"
            return self.alter(table, [clause])
        return super().rename(old, new)


def member_key(member: Member) -> tuple[int, tuple[str, ...], str]:
    """Sort key of a table's members in CREATE TABLE: primary key, indexes, checks, foreign keys."""
    rank = next((at for at, kind in enumerate(_RANK) if isinstance(member, kind)), len(_RANK))
    unique = isinstance(member, Index) and not member.unique
    return (2 * rank + unique, () if member.name else member.column_names(), member.name or member.label())


@lru_cache(maxsize=64)
def for_server(server: Server) -> MySQLRenderer:
    """The renderer for a server."""
    return MySQLRenderer(server)
