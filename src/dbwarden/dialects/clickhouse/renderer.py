"""Printer of ClickHouse's DDL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from dbwarden.core.model import Check, Column, Definition, Index, Member, Object, Projection, Schema, Table
from dbwarden.core.options import Options
from dbwarden.core.types import DataType, Ref
from dbwarden.dialects.base.names import Quoting, block
from dbwarden.dialects.base.renderer import NO_NAMES, Renderer
from dbwarden.errors import Unsupported

from .definition_keys import collection_keys, without_values
from .definition_reader import read
from .engine_arguments import SECRET
from .expressions import query_key, settings_of
from .types import type_text
from .words import QUOTING, string_literal

_KEYS = (
    ("partition_by", "PARTITION BY"),
    ("primary_key", "PRIMARY KEY"),
    ("order_by", "ORDER BY"),
    ("sample_by", "SAMPLE BY"),
)
_RANK = (Index, Check, Projection)


class ClickHouseRenderer(Renderer):
    """Printer. An index of a table is a data skipping index."""

    product: ClassVar[str] = "ClickHouse"
    quoting: ClassVar[Quoting] = QUOTING
    drops: ClassVar[Mapping[str, str]] = {
        "view": "DROP VIEW {name}",
        "materialized_view": "DROP VIEW {name}",
        "dictionary": "DROP DICTIONARY {name}",
        "function": "DROP FUNCTION {name}",
        "named_collection": "DROP NAMED COLLECTION {name}",
    }

    # -- columns ------------------------------------------------------------------------------------------------------

    def type(self, datatype: DataType) -> str:
        return type_text(datatype)

    def column_clauses(self, column: Column) -> Iterator[str]:
        yield type_text(column.type, column.nullable)
        yield self.generation(column)
        yield f"COMMENT {string_literal(column.comment)}" if column.comment is not None else ""
        yield self._option(column.options, "codec", "CODEC({})")
        yield self._option(column.options, "statistics", "STATISTICS({})")
        yield self._option(column.options, "ttl", "TTL {}")
        settings = column.options.get("settings")
        yield f"SETTINGS ({settings_text(settings)})" if settings else ""

    def _option(self, options: Options, key: str, template: str) -> str:
        value = options.get(key)
        return template.format(value) if value else ""

    def generation(self, column: Column) -> str:
        """``DEFAULT x``, ``MATERIALIZED x``, ``ALIAS x`` or ``EPHEMERAL x``; empty for a plain column."""
        kind = generation_kind(column)
        text = (
            column.computed.expression.text if column.computed is not None else column.default and column.default.text
        )
        return f"{kind} {text}" if kind and text else kind

    # -- members ------------------------------------------------------------------------------------------------------

    def constraint(self, member: Member, taken: frozenset[str] = NO_NAMES) -> str:
        """A constraint, index or projection as it is written in CREATE TABLE and after ADD."""
        name = self.quote(member.name or "")
        match member:
            case Check():
                kind = "ASSUME" if member.options.get("assume") == "true" else "CHECK"
                return f"CONSTRAINT {name} {kind} {member.expression}"
            case Index():
                return f"INDEX {name} {self._indexed(member)} TYPE {member.method}{self.index_tail(member)}"
            case Projection():
                settings = member.options.get("settings")
                tail = f" WITH SETTINGS ({settings_text(settings)})" if settings else ""
                return f"PROJECTION {name} ({member.query}){tail}"
        raise self.unsupported(str(member.ref), f"it has no {member.kind} constraints")

    def _indexed(self, index: Index) -> str:
        keys = [self.quote(key.column) if key.column else str(key.expression) for key in index.elements]
        return keys[0] if len(keys) == 1 else f"({', '.join(keys)})"

    def index_tail(self, index: Index) -> str:
        return f" GRANULARITY {index.options.get('granularity', '1')}"

    def drop_member(self, member: Member) -> tuple[str, ...]:
        word = {"check": "CONSTRAINT"}.get(member.kind, member.kind.upper())
        return (f"ALTER TABLE {self.of(member.table)} DROP {word} {self.quote(member.name or '')}",)

    def add_member(self, member: Member, taken: frozenset[str] = NO_NAMES) -> tuple[str, ...]:
        """ADD; an index or a projection is then built for the rows that exist."""
        head = f"ALTER TABLE {self.of(member.table)}"
        added = f"{head} ADD {self.constraint(member)}"
        if isinstance(member, Index | Projection):
            return (added, f"{head} MATERIALIZE {member.kind.upper()} {self.quote(member.name or '')}")
        return (added,)

    # -- tables -------------------------------------------------------------------------------------------------------

    def create(self, table: Table, parts: Iterable[Object], before: Schema) -> Iterator[str]:
        yield self.create_table(table, [part for part in parts if isinstance(part, Member)])

    def create_table(
        self, table: Table, members: Iterable[Member], name: str | None = None, taken: frozenset[str] = NO_NAMES
    ) -> str:
        """CREATE TABLE with everything that belongs to the table."""
        if any(SECRET in (table.options.get(key) or "") for key in ("engine", "settings")):
            reason = "its password would have to stand in the file: keep it in a named collection"
            raise self.unsupported(str(table.ref), reason)
        items = [self.column(column) for column in table.columns.values()]
        items += [self.constraint(member) for member in sorted(members, key=_member_key)]
        opening = f"CREATE TABLE {self.quote(name) if name else self.of(table.ref)} ("
        return block(opening, items) + self.table_tail(table)

    def table_tail(self, table: Table) -> str:
        options = table.options
        lines = [f"ENGINE = {options.get('engine', 'MergeTree')}"]
        lines += [f"{words} {value}" for key, words in _KEYS if (value := options.get(key))]
        if ttl := options.get("ttl"):
            lines.append(f"TTL {ttl}")
        if settings := options.get("settings"):
            lines.append(f"SETTINGS {settings_text(settings)}")
        if table.comment is not None:
            lines.append(f"COMMENT {string_literal(table.comment)}")
        return "".join(f"\n{line}" for line in lines)

    def column_extras(self, column: Column, table: Ref) -> Iterator[str]:
        """Nothing: a column's definition has everything."""
        return iter(())

    def rename(self, old: Ref, new: Ref) -> tuple[str, ...]:
        """RENAME of a table, view, dictionary or column."""
        if old.kind in ("table", "view", "materialized_view"):
            return (f"RENAME TABLE {self.of(old)} TO {self.of(new)}",)
        if old.kind == "dictionary":
            return (f"RENAME DICTIONARY {self.of(old)} TO {self.of(new)}",)
        return super().rename(old, new)

    # -- text-defined kinds -------------------------------------------------------------------------------------------

    def create_definition(self, definition: Definition) -> tuple[str, ...]:
        if definition.kind == "named_collection":
            raise self.by_hand(f"creating {definition.ref}", definition.sql.text)
        if definition.lost:
            reason = f"the file would lack {', '.join(definition.lost)}: keep it in a named collection"
            raise self.unsupported(str(definition.ref), reason)
        return super().create_definition(definition)

    def drop_definition(self, definition: Definition) -> tuple[str, ...]:
        if definition.lost:
            reason = f"creating it again would lose {', '.join(definition.lost)}"
            raise self.unsupported(str(definition.ref), reason)
        return super().drop_definition(definition)

    def by_hand(self, what: str, sql: str) -> Unsupported:
        """Error for a statement with values that a file must not have."""
        reason, hint = "its values do not belong in a file", f"Run on the server by hand: {without_values(sql)}"
        return Unsupported(feature=what, dialect=self.product, reason=reason, hint=hint)

    def _other_keys(self, before: Definition, after: Definition) -> Unsupported:
        old, new = (collection_keys(item.sql.text) for item in (before, after))
        added = ", ".join(f"{self.quote(key)} = '...'" for key in new if key not in old)
        gone = ", ".join(self.quote(key) for key in old if key not in new)
        clauses = filter(None, (added and f"SET {added}", gone and f"DELETE {gone}"))
        return self.by_hand(
            f"other keys of {after.ref}", f"ALTER NAMED COLLECTION {self.of(after.ref)} {' '.join(clauses)}"
        )

    def replace_definition(self, before: Definition, after: Definition) -> tuple[str, ...]:
        """Statements that give a view, dictionary or function another definition, without a moment in which it is not there."""
        if after.kind == "named_collection":
            raise self._other_keys(before, after)
        if after.kind != "materialized_view":
            (created,) = self.create_definition(after)
            return (created.replace("CREATE ", "CREATE OR REPLACE ", 1),)
        head, (old, new) = f"ALTER TABLE {self.of(after.ref)}", (read(item.sql.text) for item in (before, after))
        statements = []
        if query_key(old.clauses.get("as", "")) != query_key(new.clauses.get("as", "")):
            statements.append(f"{head} MODIFY QUERY {new.clauses.get('as', '')}")
        if old.clauses.get("refresh") != new.clauses.get("refresh"):
            statements.append(f"{head} MODIFY REFRESH {new.clauses.get('refresh', '')}")
        if old.comment != new.comment:
            statements.append(f"{head} MODIFY COMMENT {string_literal(new.comment or '')}")
        return tuple(statements)


def generation_kind(column: Column) -> str:
    """DEFAULT, MATERIALIZED, ALIAS, EPHEMERAL, or empty for a plain column."""
    if column.computed is not None:
        return "MATERIALIZED" if column.computed.stored else "ALIAS"
    if column.options.get("ephemeral") == "true":
        return "EPHEMERAL"
    return "DEFAULT" if column.default is not None else ""


def settings_text(settings: str) -> str:
    """``a=1, b=2`` as it is written: ``a = 1, b = 2``."""
    return ", ".join(f"{name} = {value}" for name, value in settings_of(settings).items())


def _member_key(member: Member) -> tuple[int, str]:
    rank = next((at for at, kind in enumerate(_RANK) if isinstance(member, kind)), len(_RANK))
    return rank, member.name or member.label()


RENDER = ClickHouseRenderer()
