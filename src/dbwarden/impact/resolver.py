"""Resolution of the names in a parsed statement to their tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from .subject import Impact, Key, Removal, Subject, same_table
from .syntax import whole_word
from .usage import Confidence

_SCOPES = (exp.Select, exp.Update, exp.Delete, exp.Insert, exp.Merge, exp.Index, exp.Alter, exp.Create)
"""The parts of a statement that have sources of rows."""

Source = tuple[str, Any]
"""Name of a source of rows in the statement, and the table or the query that it stands for; ``None`` for any other."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A use in a text: where it begins in it."""

    offset: int
    subject: Subject
    confidence: Confidence
    reason: str

    def moved(self, by: int) -> Hit:
        """The same use in a text around this one."""
        return replace(self, offset=self.offset + by)


class Resolver:
    """One statement, as sqlglot reads it."""

    def __init__(self, tree: Any, impact: Impact, text: str) -> None:
        self.tree, self.impact, self.text = tree, impact, text
        self._sources_of: dict[int, list[Source]] = {}

    def hits(self) -> Iterator[Hit]:
        """Every use in the statement."""
        for node in self.tree.walk():
            match node:
                case exp.Column():
                    yield from self._column(node)
                case exp.Table() if not isinstance(node.parent, exp.Column):
                    for subject in self.impact.named(node.name, "table", "view"):
                        if confidence := self._matches(node, subject.key):
                            yield self._hit(node.this, subject, confidence, "SQL names the table")
                case exp.Identifier() if not isinstance(node.parent, exp.Column | exp.Table):
                    yield from self._identifier(node)
                case exp.Literal(is_string=True):
                    for subject in self.impact.values(node.this):
                        if confidence := self._value(node, subject):
                            yield self._hit(node, subject, confidence, "SQL names the value")
                case exp.Insert(this=exp.Table() as table):
                    for subject in self.impact.subjects:
                        is_dropped = subject.ref.kind == "column" and subject.removal is Removal.DROPPED
                        if is_dropped and self._matches(table, subject.key):
                            reason = "INSERT without column names fills every column"
                            yield self._hit(table.this, subject, Confidence.LIKELY, reason)

    def _hit(self, node: Any, subject: Subject, confidence: Confidence, reason: str) -> Hit:
        start = node.meta.get("start")
        if not isinstance(start, int):
            match = re.search(whole_word(subject.ref.name), self.text, re.IGNORECASE)
            start = match.start() if match else 0
        if self.text[start : start + 1] == "'":  # versions of the parser differ: at the quote or behind it
            start += 1
        return Hit(start, subject, confidence, reason)

    # -- tables

    def _matches(self, table: exp.Table, key: Key) -> Confidence | None:
        """Confidence that a table of the statement is the one of that key."""
        schema = None if table.db.lower() == self.impact.default_schema else table.db.lower() or None
        if (schema and not key[0]) or (not table.db and self._cte(table) is not None):
            return None
        return same_table((schema, table.name), key)

    def _cte(self, table: exp.Table) -> Any:
        """The common table expression that the name means, where it means one."""
        inside: exp.CTE | None = None
        node: Any = table.parent
        while node is not None:
            if isinstance(node, exp.CTE):
                inside = node
            clause = node.args.get("with_") or node.args.get("with")
            for cte in clause.expressions if clause else ():
                if cte.alias.lower() == table.name.lower() and (cte is not inside or clause.args.get("recursive")):
                    return cte
            node = node.parent
        return None

    # -- columns

    def _column(self, node: exp.Column) -> Iterator[Hit]:
        parent = node.parent
        assigned = isinstance(parent, exp.EQ) and parent.this is node and parent.arg_key == "expressions"
        reason = "SQL writes the column" if assigned else "SQL names the column"
        for subject in self.impact.named(node.name, "column"):
            if confidence := self._resolve(node, subject.key, subject.ref.name, node.table.lower()):
                yield self._hit(node.this, subject, confidence, reason)

    def _identifier(self, node: exp.Identifier) -> Iterator[Hit]:
        """Names of columns that are not written as expressions: lists of INSERT and REFERENCES, definitions, USING."""
        for subject in self.impact.named(node.name, "column"):
            table = _table_around(node)
            confidence = self._matches(table, subject.key) if table is not None else None
            if isinstance(node.parent, exp.Join):
                confidence = self._resolve(node, subject.key, subject.ref.name, "")
            if confidence:
                yield self._hit(node, subject, confidence, "SQL names the column")

    def _resolve(self, node: Any, key: Key, name: str, qualifier: str) -> Confidence | None:
        """Confidence that a column is that of the table; ``None`` where it belongs to another."""
        scopes = list(_scopes(node))
        for scope in scopes:
            sources = self._sources(scope)
            if qualifier:
                source = next((candidate for candidate in sources if candidate[0] == qualifier), None)
                if source is not None:
                    return self._column_of(source, key, name)
                continue
            if _is_label(node, scope, name):
                return None
            ours = [self._column_of(source, key, name) for source in sources if source[0] != "excluded"]
            ours = [confidence for confidence in ours if confidence]
            alone = self._others_lack(sources, key, name)
            if ours:
                return ours[0] if len(ours) == 1 and alone else Confidence.LIKELY
            if not alone:
                return None
        return Confidence.CERTAIN if qualifier == key[1].lower() and not scopes else None

    def _others_lack(self, sources: list[Source], key: Key, name: str) -> bool:
        """Whether it is known of every other source that it has no such column."""
        for source in sources:
            if self._column_of(source, key, name) is None:
                match source[1]:
                    case exp.Table() as table:
                        columns = self.impact.columns.get((table.db.lower() or None, table.name.lower()))
                    case exp.Select() as query:
                        columns = frozenset(output.lower() for output in query.named_selects)
                    case _:
                        columns = None
                if columns is None or name.casefold() in columns or "*" in columns:
                    return False
        return True

    def _column_of(self, source: Source, key: Key, name: str) -> Confidence | None:
        """Confidence that the column ``name`` of a source is that of the table."""
        match source[1]:
            case exp.Table() as table:
                return self._matches(table, key)
            case exp.Select(is_star=True) as query:
                inner = [self._column_of(origin, key, name) for origin in self._sources(query)]
                return Confidence.LIKELY if any(inner) else None
        return None

    # -- sources

    def _sources(self, scope: Any) -> list[Source]:
        if id(scope) not in self._sources_of:
            target = scope.this if isinstance(scope.this, exp.Table | exp.Schema) else scope.args.get("table")
            target = target.this if isinstance(target, exp.Schema) else target
            clause = scope.args.get("from_") or scope.args.get("from")
            using = scope.args.get("using")
            joins = scope.args.get("joins") or ()
            listed = [
                clause and clause.this,
                *(using if isinstance(using, list) else [using]),
                *(join.this for join in joins),
            ]
            tables = [target, *(part for node in listed if isinstance(node, exp.Expression) for part in _joined(node))]
            self._sources_of[id(scope)] = [self._source(table) for table in tables if isinstance(table, exp.Expression)]
            if isinstance(scope, exp.Insert) and isinstance(target, exp.Table):
                self._sources_of[id(scope)].append(("excluded", target))
        return self._sources_of[id(scope)]

    def _source(self, node: exp.Expression) -> Source:
        rows: Any = None
        if isinstance(node, exp.Table):
            cte = None if node.db else self._cte(node)
            rows = node if cte is None else _query(cte.this)
        elif isinstance(node, exp.Subquery):
            rows = _query(node.this)
        return node.alias_or_name.lower(), rows

    # -- values

    def _value(self, node: exp.Literal, subject: Subject) -> Confidence | None:
        """Confidence that a string is a value of an enumeration."""
        holder = node.parent
        while isinstance(holder, exp.Paren | exp.Array | exp.Any | exp.Tuple):
            holder = holder.parent
        if isinstance(holder, exp.Cast):
            if holder.to.sql().lower().endswith((subject.ref.table or "?").lower()):
                return Confidence.CERTAIN
            holder = holder.parent
        if isinstance(holder, exp.Binary | exp.In | exp.Case | exp.If):
            for column in holder.find_all(exp.Column):
                for key, name in subject.columns:
                    is_named = column.name.lower() == name.lower()
                    if is_named and (confidence := self._resolve(column, key, name, column.table.lower())):
                        return confidence
        insert = node.find_ancestor(exp.Insert)
        target = insert and (insert.this.this if isinstance(insert.this, exp.Schema) else insert.this)
        filled = isinstance(target, exp.Table) and any(self._matches(target, key) for key, _ in subject.columns)
        return Confidence.LIKELY if filled else None


def _table_around(node: exp.Identifier) -> exp.Table | None:
    """The table whose columns a list or a definition names."""
    parent, schema = node.parent, node.find_ancestor(exp.Schema)
    if schema is not None and (parent is schema or (isinstance(parent, exp.ColumnDef) and node.arg_key == "this")):
        return schema.this if isinstance(schema.this, exp.Table) else None
    altered = isinstance(parent, exp.AlterColumn | exp.Alter | exp.Drop | exp.ColumnDef)
    alter = node.find_ancestor(exp.Alter) if altered else None
    return alter.this if alter is not None else None


def _scopes(node: Any) -> Iterator[Any]:
    """The parts of the statement whose sources the node may name, the innermost first."""
    while node is not None:
        if isinstance(node, _SCOPES):
            yield node
        node = node.parent


def _is_label(node: Any, scope: Any, name: str) -> bool:
    """Whether ORDER BY or GROUP BY means an expression of the SELECT list by its label."""
    labels = [output.alias.lower() for output in scope.args.get("expressions") or () if isinstance(output, exp.Alias)]
    return name.lower() in labels and node.find_ancestor(exp.Order, exp.Group) is not None


def _joined(source: Any) -> list[Any]:
    return [source, *(join.this for join in source.args.get("joins") or ())]


def _query(node: Any) -> Any:
    return node if isinstance(node, exp.Select) else node.find(exp.Select)
