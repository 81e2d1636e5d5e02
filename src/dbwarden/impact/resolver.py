"""Resolution of the columns of a parsed statement to their tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .subject import Impact, Key, Removal, Subject
from .usage import Confidence


@dataclass(frozen=True, slots=True)
class SqlUse:
    """A use in a statement's tree; ``offset`` where the parser gives one."""

    offset: int | None
    subject: Subject
    sure: Confidence
    why: str


@dataclass(frozen=True, slots=True)
class Origin:
    """A source of rows: the name it has in the statement, the table it is, or (``None``) the query it comes from."""

    name: str
    table: Any = None
    query: Any = None


class Resolver:
    """One statement, as sqlglot reads it."""

    def __init__(self, tree: Any, impact: Impact) -> None:
        self.tree, self.impact = tree, impact
        self._origins: dict[int, list[Origin]] = {}

    def uses(self) -> Iterator[SqlUse]:
        """Every use in the statement."""
        from sqlglot import exp

        for node in self.tree.walk():
            if isinstance(node, exp.Column):
                yield from self._column(node, node.name, node.table, node.this)
            elif isinstance(node, exp.Table):
                yield from self._table(node)
            elif isinstance(node, exp.Identifier) and not isinstance(node.parent, exp.Column | exp.Table):
                yield from self._identifier(node)
            elif isinstance(node, exp.Literal) and node.is_string:
                yield from self._literal(node)
            elif isinstance(node, exp.Insert) and isinstance(node.this, exp.Table):
                yield from self._by_position(node)

    # -- tables

    def _table(self, node: Any) -> Iterator[SqlUse]:
        from sqlglot import exp

        for subject in self._subjects(node.name, "table", "view"):
            sure = (
                None
                if isinstance(node.parent, exp.Column)
                else self._same(node, (subject.ref.schema, subject.ref.name))
            )
            if sure is not None:
                yield SqlUse(_start(node.this), subject, sure, "SQL names the table")

    def _same(self, table: Any, key: Key) -> Confidence | None:
        """Whether a table of the statement is the one of that key."""
        if table.name.lower() != key[1].lower() or self._is_cte(table):
            return None
        schema = table.db.lower() or None
        if schema == self.impact.default_schema:
            schema = None
        if schema == (key[0].lower() if key[0] else None):
            return Confidence.CERTAIN
        return Confidence.LIKELY if schema is None else None

    def _is_cte(self, table: Any) -> bool:
        return not table.db and self._cte(table) is not None

    def _cte(self, table: Any) -> Any:
        """The common table expression that the name means, where it means one."""
        from sqlglot import exp

        inside, node = None, table.parent
        while node is not None:
            if isinstance(node, exp.CTE):
                inside = node
            clause = node.args.get("with_") or node.args.get("with")
            for cte in clause.expressions if clause else ():
                if cte.alias.lower() == table.name.lower() and (cte is not inside or clause.args.get("recursive")):
                    return cte
            node = node.parent
        return None

    def _by_position(self, node: Any) -> Iterator[SqlUse]:
        """Uses by position: ``INSERT INTO users VALUES (...)`` counts the columns."""
        for subject in self.impact.subjects:
            if (
                subject.ref.kind == "column"
                and subject.removal is Removal.DROPPED
                and self._same(node.this, subject.key)
            ):
                yield SqlUse(
                    _start(node.this.this), subject, Confidence.LIKELY, "INSERT without column names fills every column"
                )

    # -- columns

    def _column(self, node: Any, name: str, qualifier: str, place: Any) -> Iterator[SqlUse]:
        for subject in self._subjects(name, "column"):
            sure = self._meaning(node, subject.key, subject.ref.name, qualifier.lower())
            if sure is not None:
                yield SqlUse(_start(place), subject, sure, self._how(node))

    def _how(self, node: Any) -> str:
        from sqlglot import exp

        assigned = isinstance(node.parent, exp.EQ) and node.parent.this is node and node.parent.arg_key == "expressions"
        return "SQL writes the column" if assigned else "SQL names the column"

    def _identifier(self, node: Any) -> Iterator[SqlUse]:
        """Names of columns that are not written as expressions: lists of INSERT and REFERENCES, definitions, USING."""
        from sqlglot import exp

        schema = node.find_ancestor(exp.Schema)
        definition = isinstance(node.parent, exp.ColumnDef) and node.arg_key == "this"
        for subject in self._subjects(node.name, "column"):
            sure: Confidence | None = None
            if (node.parent is schema or definition) and schema is not None and isinstance(schema.this, exp.Table):
                sure = self._same(schema.this, subject.key)
            elif isinstance(node.parent, exp.AlterColumn | exp.Alter | exp.Drop | exp.ColumnDef):
                alter = node.find_ancestor(exp.Alter)
                sure = self._same(alter.this, subject.key) if alter is not None else None
            elif isinstance(node.parent, exp.Join):
                sure = self._meaning(node, subject.key, subject.ref.name, "")
            if sure is not None:
                yield SqlUse(_start(node), subject, sure, "SQL names the column")

    def _meaning(self, node: Any, key: Key, name: str, qualifier: str) -> Confidence | None:
        """Confidence that a column is that of the table; ``None`` where it belongs to another."""
        scopes = list(self._scopes(node))
        for scope in scopes:
            origins = self._origins_of(scope)
            if qualifier:
                origin = next((one for one in origins if one.name == qualifier), None)
                if origin is not None:
                    return self._gives(origin, key, name)
                continue
            if self._is_label(node, scope, name):
                return None
            plain = (one for one in origins if one.name != "excluded")
            ours = [sure for sure in (self._gives(one, key, name) for one in plain) if sure is not None]
            if ours:
                return ours[0] if len(ours) == 1 and self._others_lack(origins, key, name) else Confidence.LIKELY
            if not self._others_lack(origins, key, name):
                return None
        return Confidence.CERTAIN if qualifier == key[1].lower() and not scopes else None

    def _is_label(self, node: Any, scope: Any, name: str) -> bool:
        """Whether ORDER BY or GROUP BY means an expression of the SELECT list by its label."""
        from sqlglot import exp

        listed = [one.alias.lower() for one in scope.args.get("expressions") or () if isinstance(one, exp.Alias)]
        return name.lower() in listed and node.find_ancestor(exp.Order, exp.Group) is not None

    def _others_lack(self, origins: list[Origin], key: Key, name: str) -> bool:
        """Whether it is known of every other source that it has no such column."""
        for one in origins:
            if self._gives(one, key, name) is not None:
                continue
            if one.table is None:
                outputs = {output.lower() for output in one.query.named_selects} if one.query is not None else {"*"}
                if name.lower() in outputs or "*" in outputs:
                    return False
                continue
            columns = self.impact.columns.get((one.table.db.lower() or None, one.table.name.lower()))
            if columns is None or name.casefold() in columns:
                return False
        return True

    def _gives(self, origin: Origin, key: Key, name: str) -> Confidence | None:
        """Whether the column ``name`` of a source is that of the table."""
        if origin.table is not None:
            return self._same(origin.table, key)
        if origin.query is None or not origin.query.is_star:
            return None
        inner = [self._gives(one, key, name) for one in self._origins_of(origin.query)]
        return Confidence.LIKELY if any(inner) else None

    # -- scopes

    def _scopes(self, node: Any) -> Iterator[Any]:
        """The parts of the statement whose sources the node may name, the innermost first."""
        while node is not None:
            if isinstance(node, self._kinds):
                yield node
            node = node.parent

    @cached_property
    def _kinds(self) -> tuple[type, ...]:
        from sqlglot import exp

        return exp.Select, exp.Update, exp.Delete, exp.Insert, exp.Merge, exp.Index, exp.Alter, exp.Create

    def _origins_of(self, scope: Any) -> list[Origin]:
        if id(scope) not in self._origins:
            self._origins[id(scope)] = list(self._listed(scope))
        return self._origins[id(scope)]

    def _listed(self, scope: Any) -> Iterator[Origin]:
        from sqlglot import exp

        target = scope.this if isinstance(scope.this, exp.Table | exp.Schema) else scope.args.get("table")
        if isinstance(target, exp.Schema):
            target = target.this
        if isinstance(target, exp.Table):
            yield from self._origin(target)
            if isinstance(scope, exp.Insert):
                yield Origin("excluded", table=target)
        clause = scope.args.get("from_") or scope.args.get("from")
        using = scope.args.get("using")
        sources = [clause.this] if clause is not None else []
        sources += using if isinstance(using, list) else [using] if isinstance(using, exp.Expression) else []
        for join in scope.args.get("joins") or ():
            sources.append(join.this)
        for source in sources:
            yield from self._origin(source)
            for join in source.args.get("joins") or ():
                yield from self._origin(join.this)

    def _origin(self, source: Any) -> Iterator[Origin]:
        from sqlglot import exp

        name = source.alias_or_name.lower()
        if isinstance(source, exp.Table):
            cte = None if source.db else self._cte(source)
            yield Origin(name, table=source) if cte is None else Origin(name, query=_query(cte.this))
        elif isinstance(source, exp.Subquery):
            yield Origin(name, query=_query(source.this))
        elif isinstance(source, exp.Expression):
            yield Origin(name)

    # -- values

    def _literal(self, node: Any) -> Iterator[SqlUse]:
        from sqlglot import exp

        for subject in self._subjects(node.this, "value"):
            if subject.ref.name != node.this:
                continue
            holder = node.parent
            while isinstance(holder, exp.Paren | exp.Array | exp.Any | exp.Tuple):
                holder = holder.parent
            sure: Confidence | None = None
            if isinstance(holder, exp.Cast):
                sure = (
                    Confidence.CERTAIN if holder.to.sql().lower().endswith((subject.ref.table or "?").lower()) else None
                )
                holder = holder.parent
            if sure is None and isinstance(holder, exp.Binary | exp.In | exp.Case | exp.If):
                columns = list(holder.find_all(exp.Column))
                levels = [self._holds(column, subject) for column in columns]
                sure = next((level for level in levels if level is not None), None)
            insert = node.find_ancestor(exp.Insert)
            if sure is None and insert is not None:
                target = insert.this.this if isinstance(insert.this, exp.Schema) else insert.this
                known = isinstance(target, exp.Table) and any(self._same(target, key) for key, _ in subject.columns)
                sure = Confidence.LIKELY if known else None
            if sure is not None:
                yield SqlUse(_start(node), subject, sure, "SQL names the value")

    def _holds(self, column: Any, subject: Subject) -> Confidence | None:
        for key, name in subject.columns:
            if column.name.lower() == name.lower():
                sure = self._meaning(column, key, name, column.table.lower())
                if sure is not None:
                    return sure
        return None

    def _subjects(self, name: str, *kinds: str) -> list[Subject]:
        low = name.lower()
        return [one for one in self.impact.subjects if one.ref.kind in kinds and one.ref.name.lower() == low]


def _query(node: Any) -> Any:
    from sqlglot import exp

    return node if isinstance(node, exp.Select) else node.find(exp.Select)


def _start(node: Any) -> int | None:
    start = node.meta.get("start")
    return start if isinstance(start, int) else None
