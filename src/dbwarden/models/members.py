"""Reads the constraints and indexes of a SQLAlchemy table into core objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.exc import NoReferencedColumnError, NoReferencedTableError
from sqlalchemy.schema import CreateIndex

from dbwarden.core.model import Check, Exclude, ForeignKey, Index, Member, PrimaryKey, Unique
from dbwarden.core.tokens import mentioned_columns
from dbwarden.core.types import Expression, Ref
from dbwarden.errors import ModelReadError

from .elements import element, with_lengths
from .emit import Emitter, schema_of
from .keywords import keywords, options

_STRUCTURAL = ("include", "nulls_not_distinct", "where", "ops")
_OF_INDEX = (*_STRUCTURAL, "using", "prefix", "length")


class Members:
    """Reader of a table's constraints and indexes."""

    def __init__(self, emitter: Emitter) -> None:
        self.emitter = emitter
        self.prefix = emitter.dialect.name
        self.comments = bool(emitter.dialect.supports_comments and emitter.dialect.supports_constraint_comments)

    def of(self, table: Table, ref: Ref) -> Iterator[Member]:
        """The constraints that SQLAlchemy would emit for this dialect, then the indexes.

        Raises ``ModelReadError`` for a foreign key without a target and for an index without keys.
        """
        for constraint in self._constraints(table):
            member = self._constraint(constraint, table, ref)
            if member is not None:
                yield member
        # ``Table.indexes`` is a set; sorting by name makes the order deterministic.
        for index in sorted(table.indexes, key=lambda item: str(item.name or "")):
            if index._ddl_if is None or self.emitter.wants(index, CreateIndex):
                yield self._index(index, table, ref)
        if "info" in vars(table):
            yield from self.emitter.declared_members(table, ref)

    def _constraints(self, table: Table) -> Iterator[Any]:
        key = table.primary_key
        others = [item for item in table.constraints if item is not key]
        others.sort(key=attrgetter("_creation_order"))
        for column in table.columns:
            # CheckConstraint inside a Column: SQLAlchemy emits it with the column and ignores its ddl_if.
            if column.constraints:
                yield from sorted(column.constraints, key=attrgetter("_creation_order"))
        for item in (key, *others):
            unconditional = (item._create_rule is None or _was_emitted_apart(item)) and item._ddl_if is None
            if unconditional or item._should_create_for_compiler(self.emitter.compiler):
                yield item

    def _constraint(self, constraint: Any, table: Table, ref: Ref) -> Member | None:
        if isinstance(constraint, ForeignKeyConstraint):
            return self._foreign_key(constraint, ref)
        if isinstance(constraint, PrimaryKeyConstraint):
            return self._primary_key(constraint, table, ref)
        if isinstance(constraint, UniqueConstraint):
            return self._unique(constraint, table, ref)
        if isinstance(constraint, CheckConstraint):
            return self._check(constraint, table, ref)
        compiles = hasattr(self.emitter.compiler, f"visit_{constraint.__visit_name__}")
        if compiles and hasattr(constraint, "_render_exprs"):  # ExcludeConstraint, without importing its vendor
            return self._exclude(constraint, table, ref)
        raise ModelReadError(
            where=f"table {table.fullname}",
            reason=f"SQLAlchemy cannot emit a {type(constraint).__name__} for {self.prefix}",
            hint="Limit it to the database that has it: constraint.ddl_if(dialect=...).",
        )

    def _common(self, constraint: Any, name: str | None) -> dict[str, Any]:
        common: dict[str, Any] = {"implicit": True} if name is None else {}
        if constraint.deferrable or constraint.initially:
            deferred = (constraint.initially or "").lower() == "deferred"
            common["deferrable"] = bool(constraint.deferrable) or deferred
            common["initially"] = "deferred" if deferred else None
        return common

    def _described(self, constraint: Any, vendor_keywords: Mapping[str, Any]) -> dict[str, Any]:
        described: dict[str, Any] = {}
        if self.comments and constraint.comment is not None:
            described["comment"] = str(constraint.comment)
        if vendor_keywords:
            described["options"] = options(vendor_keywords, self.emitter, _STRUCTURAL)
        return described

    def _primary_key(self, constraint: Any, table: Table, ref: Ref) -> Member | None:
        if not len(constraint.columns):
            return None
        columns = constraint.columns_autoinc_first if constraint._implicit_generated else constraint.columns
        name, vendor_keywords = self.emitter.name(constraint), keywords(constraint, self.emitter)
        if name is not None and keywords(table, self.emitter) and self.emitter.compiler.process(constraint) is None:
            name = None  # written inside its column, without a name (sqlite_autoincrement)
        return PrimaryKey(
            ref,
            name,
            tuple(str(column.name) for column in columns),
            include=_included(vendor_keywords, table),
            **self._common(constraint, name),
            **self._described(constraint, vendor_keywords),
        )

    def _unique(self, constraint: Any, table: Table, ref: Ref) -> Member | None:
        if not len(constraint.columns):
            return None
        name, vendor_keywords = self.emitter.name(constraint), keywords(constraint, self.emitter)
        return Unique(
            ref,
            name,
            tuple(str(column.name) for column in constraint.columns),
            include=_included(vendor_keywords, table),
            nulls_not_distinct=vendor_keywords.get("nulls_not_distinct") is True,
            **self._common(constraint, name),
            **self._described(constraint, vendor_keywords),
        )

    def _check(self, constraint: Any, table: Table, ref: Ref) -> Member:
        name, text = self.emitter.name(constraint), self.emitter.text(constraint.sqltext)
        return Check(
            ref,
            name,
            Expression(text),
            columns=self._mentioned(table, text),
            implicit=name is None,
            **self._described(constraint, keywords(constraint, self.emitter)),
        )

    def _foreign_key(self, constraint: Any, ref: Ref) -> Member:
        referred = target(constraint)
        if constraint.ondelete is not None or constraint.onupdate is not None:
            self.emitter.compiler.define_constraint_cascades(constraint)  # raises for what is not an SQL phrase
        name = self.emitter.name(constraint)
        if constraint.match:
            self.emitter.compiler.define_constraint_match(constraint)  # raises where the engine ignores it
        match = constraint.match.lower() if constraint.match else None
        return ForeignKey(
            ref,
            name,
            tuple(str(item.parent.name) for item in constraint.elements),
            Ref("table", str(referred.name), schema_of(referred)),
            tuple(str(item.column.name) for item in constraint.elements),
            on_update=_action(constraint.onupdate),
            on_delete=_action(constraint.ondelete),
            match=None if match == "simple" else match,
            **self._common(constraint, name),
            **self._described(constraint, keywords(constraint, self.emitter)),
        )

    def _exclude(self, constraint: Any, table: Table, ref: Ref) -> Member:
        keys = tuple(
            (element(expression, table, self.emitter, constraint.ops), str(operator))
            for expression, _, operator in constraint._render_exprs
        )
        where = None if constraint.where is None else self.emitter.text(constraint.where)
        name = self.emitter.name(constraint)
        texts = [key.expression.text for key, _ in keys if key.expression] + ([where] if where else [])
        return Exclude(
            ref,
            name,
            keys,
            method=constraint.using.lower(),
            where=Expression(where) if where else None,
            columns=self._mentioned(table, *texts),
            **self._common(constraint, name),
            **self._described(constraint, keywords(constraint, self.emitter)),
        )

    def _index(self, index: Any, table: Table, ref: Ref) -> Member:
        if not index.expressions:
            raise ModelReadError(
                where=f"index {index.name} of table {table.fullname}",
                reason="it has no columns",
                hint="Give them after its name: Index(name, column, ...).",
            )
        vendor_keywords = keywords(index, self.emitter)
        ops = vendor_keywords.get("ops") or {}
        keys = tuple(element(expression, table, self.emitter, ops) for expression in index.expressions)
        if vendor_keywords.get("length") is not None:
            keys = with_lengths(keys, vendor_keywords["length"])
        name = self.emitter.name(index)
        texts = [key.expression.text for key in keys if key.expression]
        if not vendor_keywords and not texts:
            return Index(ref, name, keys, unique=bool(index.unique), implicit=name is None)
        where = _predicate(vendor_keywords.get("where"), self.emitter)
        method = vendor_keywords.get("prefix") or vendor_keywords.get("using")
        if where is not None:
            texts.append(where)
        return Index(
            ref,
            name,
            keys,
            unique=bool(index.unique),
            method=str(method).lower() if method else None,
            include=_included(vendor_keywords, table),
            where=None if where is None else Expression(where),
            nulls_not_distinct=vendor_keywords.get("nulls_not_distinct") is True,
            options=options(vendor_keywords, self.emitter, _OF_INDEX),
            columns=self._mentioned(table, *texts),
            implicit=name is None,
        )

    def _mentioned(self, table: Table, *texts: str) -> tuple[str, ...]:
        return mentioned_columns(
            " ".join(texts),
            (str(column.name) for column in table.columns),
            self.emitter.lexical_rules,
            self.emitter.caseless,
        )


def _was_emitted_apart(constraint: Any) -> bool:
    """Whether SQLAlchemy has emitted the constraint by ALTER TABLE, as ``create_all`` does in a cycle of foreign keys.

    ``AddConstraint`` leaves a rule behind that keeps it out of every later CREATE TABLE: a method in SQLAlchemy 2.1, in 2.0
    an object that knows the method's name.
    """
    rule = constraint._create_rule
    name = getattr(rule, "__name__", None) or getattr(rule, "name", None)
    return bool(name == "_create_rule_disable")


def target(constraint: Any) -> Table:
    """The table that a foreign key refers to. Raises ``ModelReadError`` if the metadata lacks that table or column."""
    try:
        table: Table = constraint.elements[0].column.table
        for item in constraint.elements[1:]:
            item.column  # noqa: B018 - resolves it
    except (NoReferencedTableError, NoReferencedColumnError) as error:
        spec = ", ".join(item.target_fullname for item in constraint.elements)
        columns = ", ".join(str(item.parent.name) for item in constraint.elements)
        where = constraint.elements[0].parent.table.fullname
        missing = "table" if isinstance(error, NoReferencedTableError) else "column"
        raise ModelReadError(
            where=f"table {where}",
            reason=f"the foreign key on ({columns}) points at {spec}, but the models have no such {missing}",
            hint="Import the module that defines it, or add it to model_paths.",
        ) from error
    return table


def _included(vendor_keywords: Mapping[str, Any], table: Table) -> tuple[str, ...]:
    columns = vendor_keywords.get("include") or ()
    return tuple(str(table.c[item].name if isinstance(item, str) else item.name) for item in columns)


def _predicate(where: Any, emitter: Emitter) -> str | None:
    return where if where is None or isinstance(where, str) else emitter.text(where)


def _action(phrase: str | None) -> str | None:
    if phrase is None:
        return None
    words, opening, columns = " ".join(phrase.split()).partition("(")
    text = words.strip().lower()
    if text == "no action":
        return None
    return f"{text} ({columns}" if opening else text
