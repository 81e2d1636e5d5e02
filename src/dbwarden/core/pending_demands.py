"""Finds the demands of pending statements on rows that exist already.

``PendingDemands`` reads statement after statement. It knows which name a table or column has in the database now
(``Origins``), and which rows the statements before change: a demand on these cannot be judged by the rows as they are. It is
returned with the reason instead. Tables and columns that pending statements create have no rows and make no demands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from .ddl.cursor import cursor
from .ddl.origins import Origins, Succession, successions
from .ddl.statements import (
    Action,
    AddColumn,
    AddConstraint,
    AddEnumValue,
    ChangeType,
    ColumnText,
    Constraint,
    CopyRows,
    CreateEnum,
    CreateIndex,
    CreateTable,
    Insert,
    Key,
    RenameColumn,
    RenameTable,
    SetNotNull,
    Statement,
    ValidateConstraint,
    key,
)
from .dialect import Dialect
from .model import Check, Column, ForeignKey, PrimaryKey, Schema, Table, Unique
from .row_changes import RowChanges, resolves_conflicts
from .row_demands import DemandKind, PlacedDemand, RowDemand
from .sqltext import SqlStatement, TokenKind, fold_case, words
from .tokens import unquoted
from .types import Ref


@dataclass(frozen=True, slots=True)
class PendingFile:
    """The statements of a file that will run."""

    name: str
    statements: Sequence[SqlStatement]
    done: int = 0
    """Number of statements, from the first one on, that are in effect already."""
    unjudged: str = ""
    """Why no demand of the file is judged; empty if they are."""


@dataclass(frozen=True)
class _Existing:
    """A table with rows: its name in the database, and the names there of its columns."""

    table: Ref
    column: Callable[[str], str | None]
    """Name of a column in the database; ``None`` if it is new, or its values are computed by the pending statements."""


@dataclass
class PendingDemands:
    """Reader of pending files, in the order in which they run. ``schema`` is that of the database, if it was inspected."""

    dialect: Dialect
    schema: Schema | None = None
    _origins: Origins = field(init=False)
    _changes: RowChanges = field(init=False)
    _successors: dict[Key, _Existing] = field(default_factory=dict)
    """Tables of pending statements that take the rows of an existing one."""
    _enums: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    _grown_enums: set[Key] = field(default_factory=set)
    _not_valid: dict[tuple[Key, str], PlacedDemand] = field(default_factory=dict)
    """Demands of constraints that are added without a look at the rows, by table and name."""
    _seen: set[RowDemand] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._origins = Origins(self.dialect.features.caseless_names)
        self._changes = RowChanges(self.dialect, self.schema)

    def read_file(self, file: PendingFile) -> Iterator[PlacedDemand]:
        """Demands of a file's statements that are not in effect yet."""
        name = file.name
        pending = [(number, statement) for number, statement in enumerate(file.statements, 1) if number > file.done]
        parsed = [self.dialect.parse(statement.text) for _, statement in pending]
        copies = {succession.at: succession for succession in successions(parsed, self.dialect.features.caseless_names)}
        before = self._origins.copy()
        former: Statement | None = None
        for at, ((number, statement), tree) in enumerate(zip(pending, parsed, strict=True)):
            if tree is former and isinstance(tree, Insert) and not resolves_conflicts(statement.text):
                continue  # one of many rows for the same table
            former = tree if isinstance(tree, Insert) and not tree.actions else None
            place = f"{name}:{statement.line}"
            if at in copies:
                yield from self._placed(file, number, statement, self._of_copy(copies[at], before))
            for action in () if getattr(tree, "foreign", False) else tree.actions:
                yield from self._placed(file, number, statement, self._of_action(action, tree))
            self._follow(tree, statement.text, place)
        self._changes.end_file()

    def _placed(
        self, file: PendingFile, number: int, statement: SqlStatement, demands: Iterator[tuple[RowDemand, str]]
    ) -> Iterator[PlacedDemand]:
        for demand, reason in demands:
            if demand.kind.value in self.dialect.features.unenforced_demands or _unnamed(demand) in self._seen:
                continue
            reason = reason or file.unjudged or self._changes.obstacle or self._changes.of_demand(demand)
            placed = PlacedDemand(file.name, statement.line, demand, reason, number)
            if demand.name and reason == _LATER:
                self._not_valid[key(demand.table), demand.name.casefold()] = replace(placed, unjudged="")
                continue
            self._seen.add(_unnamed(demand))
            if not self._is_met(demand):
                yield placed

    # -- tables and columns --------------------------------------------------------------------------------------------

    def _existing(self, table: Ref) -> _Existing | None:
        """The table of the database that has the rows of ``table``; ``None`` if it is new."""
        if (successor := self._successors.get(key(table))) is not None:
            return successor
        origin = self._origins.table(table)
        if origin is None or (self.schema is not None and self._table(origin) is None):
            return None
        origins = self._origins.copy()
        return _Existing(origin, lambda column: origins.column(table, column))

    def _table(self, table: Ref) -> Table | None:
        """A table of the inspected schema, in any letter case that the engine takes for the same."""
        item = self.schema.get(table) if self.schema is not None else None
        if item is None and self.schema is not None and "table" in self.dialect.features.caseless_names:
            item = next((other for other in self.schema.tables() if key(other.ref) == key(table)), None)
        return item if isinstance(item, Table) else None

    def _column(self, table: Ref, name: str) -> Column | None:
        known = self._table(table)
        if known is None:
            return None
        folded = fold_case(name)
        return known.columns.get(name) or next(
            (column for other, column in known.columns.items() if fold_case(other) == folded), None
        )

    def _is_met(self, demand: RowDemand) -> bool:
        """Whether the database enforces the demand already."""
        table = self._table(demand.table)
        if self.schema is None or table is None:
            return False
        if demand.kind is DemandKind.NOT_NULL:
            column = self._column(demand.table, demand.columns[0])
            return column is not None and not column.nullable
        if demand.kind is DemandKind.TYPE and not demand.using:
            column = self._column(demand.table, demand.columns[0])
            new = self.dialect.parse_type(demand.type)
            return column is not None and str(self.schema.base_type(column.type)) == str(new)
        if demand.kind in (DemandKind.UNIQUE, DemandKind.PRIMARY_KEY) and not demand.where:
            keys = (item for item in self.schema.members(table.ref) if isinstance(item, PrimaryKey | Unique))
            return any(set(item.columns) == set(demand.columns) for item in keys)
        return False

    # -- actions -------------------------------------------------------------------------------------------------------

    def _of_action(self, action: Action, statement: Statement) -> Iterator[tuple[RowDemand, str]]:
        """Demands of an action, each with why it is not judged."""
        existing = self._existing(action.table)
        if existing is None:
            return
        match action:
            case SetNotNull(_, column):
                yield from self._not_null(existing, column, column)
            case ChangeType(_, column, type_, using, definition):
                former = _former_name(statement, column)
                yield from self._type(existing, column, former, type_, using or "")
                if definition is not None and definition.not_null:
                    yield from self._not_null(existing, column, former)
                for expression in definition.checks if definition is not None else ():
                    yield self._check(existing, expression, None)
            case AddColumn(_, column_text):
                yield from self._of_new_column(existing, column_text)
            case AddConstraint(table, constraint):
                later = _LATER if constraint.not_valid else ""
                yield from ((demand, reason or later) for demand, reason in self._constraint(existing, constraint))
            case CreateIndex(unique=True):
                yield self._unique(existing, action.keys or action.columns, action)
            case ValidateConstraint(table, name):
                yield from self._validated(existing, table, name)

    def _not_null(self, existing: _Existing, column: str, former: str) -> Iterator[tuple[RowDemand, str]]:
        name = existing.column(former)
        yield RowDemand(DemandKind.NOT_NULL, existing.table, (name or column,)), "" if name else _new(column)

    def _type(
        self, existing: _Existing, column: str, former: str, type_: str, using: str
    ) -> Iterator[tuple[RowDemand, str]]:
        name = existing.column(former)
        if not type_:
            return
        ref = cursor(type_, self.dialect.lexical_rules, self.dialect.server.default_schema).ref("enum")
        demand = RowDemand(
            DemandKind.TYPE,
            existing.table,
            (name or column,),
            type=type_,
            using=using,
            values=self._enums.get(key(ref)),
        )
        reason = "" if name else _new(column)
        if key(ref) in self._grown_enums:
            reason = reason or f"the pending files change the values of {type_}"
        yield demand, reason or self._unknown_names(existing, using)

    def _of_new_column(self, existing: _Existing, column: ColumnText) -> Iterator[tuple[RowDemand, str]]:
        """Constraints of a new column; that it needs a value at all is a rule of ``check``."""
        if column.unique or column.primary:
            kind = DemandKind.PRIMARY_KEY if column.primary else DemandKind.UNIQUE
            yield RowDemand(kind, existing.table, (column.name,), keys=(column.name,)), _new(column.name)
        for expression in column.checks:
            yield self._check(existing, expression, None)
        if column.references is not None and column.default is not None:
            references = RowDemand(DemandKind.FOREIGN_KEY, existing.table, (column.name,), references=column.references)
            yield references, _new(column.name)

    def _constraint(self, existing: _Existing, constraint: Constraint) -> Iterator[tuple[RowDemand, str]]:
        if constraint.using_index is not None or "NOT ENFORCED" in constraint.text:
            return
        match constraint.kind:
            case "check":
                yield self._check(existing, constraint.expression, constraint.name)
            case "exclude":
                demand = RowDemand(DemandKind.UNIQUE, existing.table, name=constraint.name, keys=(constraint.text,))
                yield demand, "an EXCLUDE constraint compares rows in pairs"
            case "unique":
                yield self._unique(existing, constraint.keys or constraint.columns, constraint)
            case "primary key":
                yield self._primary_key(existing, constraint)
            case "foreign key" if constraint.references is not None:
                yield self._foreign_key(
                    existing,
                    constraint.columns,
                    constraint.references,
                    constraint.ref_columns,
                    (constraint.name, "MATCH FULL" in constraint.text),
                )

    def _check(self, existing: _Existing, expression: str, name: str | None) -> tuple[RowDemand, str]:
        """A check; ``x IS NOT NULL`` is the same demand as SET NOT NULL."""
        tokens = list(words(expression, self.dialect.lexical_rules))
        if [token.text.upper() for token in tokens[1:]] == ["IS", "NOT", "NULL"]:
            column = unquoted(tokens[0], self.dialect.lexical_rules)
            (demand, reason), *_ = self._not_null(existing, column, column)
            return replace(demand, name=name), reason
        columns = self._mentioned(existing, expression)
        demand = RowDemand(DemandKind.CHECK, existing.table, columns, name, expression=expression)
        return demand, self._unknown_names(existing, expression)

    def _unique(
        self, existing: _Existing, keys: Sequence[str], definition: Constraint | CreateIndex
    ) -> tuple[RowDemand, str]:
        name, where = definition.name, definition.where if isinstance(definition, CreateIndex) else ""
        distinct = (
            definition.nulls_distinct
            if isinstance(definition, CreateIndex)
            else "NULLS NOT DISTINCT" not in definition.text
        )
        if len(definition.columns) == len(keys) and list(definition.columns) == [self._plain(item) for item in keys]:
            columns = tuple(existing.column(column) or "" for column in definition.columns)
            demand = RowDemand(DemandKind.UNIQUE, existing.table, columns, name, nulls_distinct=distinct, where=where)
            missing = next((name for name, known in zip(definition.columns, columns, strict=True) if not known), None)
            if missing is not None:
                return replace(demand, columns=definition.columns), _new(missing)
            return demand, self._unknown_names(existing, where)
        text = ", ".join((*keys, where))
        demand = RowDemand(
            DemandKind.UNIQUE,
            existing.table,
            self._mentioned(existing, text),
            name,
            tuple(keys),
            where,
            distinct,
        )
        return demand, self._unknown_names(existing, text)

    def _plain(self, text: str) -> str | None:
        """The column that a key consists of; ``None`` for an expression."""
        tokens = list(words(text, self.dialect.lexical_rules))
        return unquoted(tokens[0], self.dialect.lexical_rules) if len(tokens) == 1 else None

    def _primary_key(self, existing: _Existing, constraint: Constraint) -> tuple[RowDemand, str]:
        columns = tuple(existing.column(column) or "" for column in constraint.columns)
        missing = next((name for name, known in zip(constraint.columns, columns, strict=True) if not known), None)
        if missing is not None:
            columns = constraint.columns
        demand = RowDemand(DemandKind.PRIMARY_KEY, existing.table, columns, constraint.name)
        return demand, _new(missing) if missing is not None else ""

    def _foreign_key(
        self,
        existing: _Existing,
        columns: tuple[str, ...],
        target: Ref,
        ref_columns: tuple[str, ...],
        how: tuple[str | None, bool],
    ) -> tuple[RowDemand, str]:
        own = tuple(existing.column(column) or "" for column in columns)
        parent = self._existing(target)
        known = self._table(parent.table) if parent is not None else None
        if not ref_columns and known is not None and self.schema is not None:
            keys = (item for item in self.schema.members(known.ref) if isinstance(item, PrimaryKey))
            ref_columns = next((item.columns for item in keys), ())
        theirs = tuple(parent.column(column) or "" for column in ref_columns) if parent is not None else ()
        demand = RowDemand(
            DemandKind.FOREIGN_KEY,
            existing.table,
            own if all(own) else columns,
            how[0],
            references=parent.table if parent is not None else target,
            ref_columns=theirs,
            full_match=how[1],
        )
        if not all(own):
            return demand, _new(columns[own.index("")])
        if parent is None:
            return demand, f"the pending files create {target.name}"
        if len(theirs) != len(own) or not all(theirs):
            unknown = self.schema is not None
            return demand, f"the columns of {target.name} that it refers to are not known" if unknown else ""
        return demand, ""

    def _validated(self, existing: _Existing, table: Ref, name: str) -> Iterator[tuple[RowDemand, str]]:
        """The demand of a constraint that was added NOT VALID, by a pending statement or before."""
        pending = self._not_valid.get((key(existing.table), name.casefold()))
        if pending is not None:
            yield pending.demand, pending.unjudged
            return
        members = self.schema.members(existing.table) if self.schema is not None else ()
        item = next((item for item in members if getattr(item, "name", None) == name), None)
        match item:
            case Check(expression=expression):
                yield self._check(existing, expression.text, name)
            case ForeignKey():
                how = (name, item.match == "full")
                yield self._foreign_key(existing, item.columns, item.ref_table, item.ref_columns, how)
            case _ if self.schema is None:  # only whether there is a demand at all
                yield RowDemand(DemandKind.CHECK, existing.table, name=name), ""

    # -- a table that is copied ----------------------------------------------------------------------------------------

    def _of_copy(self, copied: Succession, before: Origins) -> Iterator[tuple[RowDemand, str]]:
        """Demands of a new table on the rows that are copied into it, which then takes the name of the old one."""
        origin = before.table(copied.origin)
        if origin is None or (self.schema is not None and self._table(origin) is None):
            return
        new = copied.table
        names = dict(_passed(copied.copy))
        own = {fold_case(column.name) for column in new.columns}

        def former(column: str) -> str | None:
            source = names.get(fold_case(column))
            if source is None:  # the copy computes it; a word that is no column stays as it is
                return None if fold_case(column) in own else column
            return before.column(copied.origin, source)

        existing = _Existing(origin, former)
        self._successors[key(new.table)] = existing
        primary = [set(item.columns) for item in new.constraints if item.kind == "primary key"]
        for column in new.columns:
            alone = column.primary or {column.name} in primary
            if existing.column(column.name) is not None and not alone:
                yield from self._of_copied_column(existing, column)
        for constraint in new.constraints:
            # the reason is left out where the copy itself computes the value
            yield from (pair for pair in self._constraint(existing, constraint) if not pair[1])

    def _of_copied_column(self, existing: _Existing, column: ColumnText) -> Iterator[tuple[RowDemand, str]]:
        if column.not_null:
            yield from self._not_null(existing, column.name, column.name)
        yield from self._type(existing, column.name, column.name, column.type, "")
        if column.unique:
            name = existing.column(column.name) or column.name
            yield RowDemand(DemandKind.UNIQUE, existing.table, (name,)), ""
        for expression in column.checks:
            yield self._check(existing, expression, None)
        if column.references is not None:
            yield self._foreign_key(existing, (column.name,), column.references, column.ref_columns, (None, False))

    # -- names in expressions ------------------------------------------------------------------------------------------

    def _mentioned(self, existing: _Existing, expression: str) -> tuple[str, ...]:
        """Columns of the table that an expression mentions, if the table is known."""
        table = self._table(existing.table)
        return tuple(name for name in self._names(expression) if table is not None and name in table.columns)

    def _unknown_names(self, existing: _Existing, expression: str) -> str:
        """Why an expression cannot be evaluated now: a column in it is new, or has another name in the database."""
        for name in self._names(expression):
            if existing.column(name) != name and existing.column(name) is not None:
                return f"the pending files rename {existing.column(name)} to {name}"
            if existing.column(name) is None:
                return _new(name)
        return ""

    def _names(self, expression: str) -> Collection[str]:
        """Names in an expression, without those of functions."""
        if not expression:
            return ()
        rules, tokens = self.dialect.lexical_rules, list(words(expression, self.dialect.lexical_rules))
        followed = [*(token.text for token in tokens[1:]), ""]
        named = (TokenKind.WORD, TokenKind.IDENTIFIER)
        pairs = zip(tokens, followed, strict=True)
        return dict.fromkeys(unquoted(token, rules) for token, after in pairs if token.kind in named and after != "(")

    # -- following -----------------------------------------------------------------------------------------------------

    def _follow(self, statement: Statement, text: str, place: str) -> None:
        self._changes.follow(statement, text, place, self._database_name)
        for action in statement.actions:
            match action:
                case CreateEnum(ref, values):
                    self._enums[key(ref)] = values
                case AddEnumValue(ref):
                    self._grown_enums.add(key(ref))
                case RenameTable(table, new) if key(table) in self._successors:
                    self._successors[key(new)] = self._successors.pop(key(table))
                case CreateTable(table):
                    self._successors.pop(key(table), None)
        self._origins.follow(statement)

    def _database_name(self, table: Ref, column: str | None) -> tuple[Ref, str | None] | None:
        """Name in the database of a table, and of a column of it; ``None`` for a new table."""
        existing = self._existing(table)
        if existing is None:
            return None
        return existing.table, (existing.column(column) if column is not None else None)


def _unnamed(demand: RowDemand) -> RowDemand:
    """The demand without its name: a check of NOT NULL is validated before the column becomes NOT NULL."""
    return replace(demand, name=None)


_LATER = "it is not validated yet"


def _new(column: str) -> str:
    return f"the values of {column} come from the pending files"


def _former_name(statement: Statement, column: str) -> str:
    """Name of a column before its statement, which may rename it as well (``CHANGE``)."""
    renames = (action for action in statement.actions if isinstance(action, RenameColumn))
    return next((rename.old for rename in renames if rename.new == column), column)


def _passed(copy: CopyRows) -> Iterator[tuple[str, str]]:
    """Target columns of a copy in lower case with the columns whose values they get unchanged."""
    for at, item in enumerate(copy.passed):
        if item.column and not item.converted:
            yield fold_case(copy.columns[at] if at < len(copy.columns) else item.label), item.column
