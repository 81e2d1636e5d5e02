"""What a declared definition needs, by the names in its text: the server tells it only once the object exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from . import kinds
from .lexical_rules import LexicalRules
from .model import Definition, Object, Schema, Table, column_ref
from .sqltext import TokenKind, fold_case
from .tokens import NAMES, literal, names, readable, unquoted
from .types import Ref


def with_mentioned(schema: Schema, rules: LexicalRules) -> Schema:
    """``schema`` in which each definition needs the tables, columns, types and definitions that its text names.

    A name in any schema counts, and a column of each table that is named: too many needs only wait for one another. Two
    definitions that name each other need the one that comes first.
    """
    named = _by_name(schema)
    if not any(isinstance(item, Definition) for item in schema.objects()):
        return schema
    changed: dict[Ref, Object] = {}
    for ref, item in schema.items():
        if isinstance(item, Definition) and kinds.of(item.kind).is_right:
            changed[ref] = replace(item, on=_target(item, schema))
        elif isinstance(item, Definition):
            mentioned = frozenset(_needs(item, schema, named, rules)) - {ref}
            earlier = {need for need in mentioned if ref not in getattr(changed.get(need), "needs", ())}
            changed[ref] = replace(item, needs=item.needs | earlier, on=_target(item, schema))
    return Schema(changed.get(ref, item) for ref, item in schema.items())


def _target(item: Definition, schema: Schema) -> Ref | None:
    """What a trigger stands on: a view has triggers too, and much has privileges."""
    if item.on is None or item.on in schema:
        return item.on
    others = (item.on._replace(kind=kind) for kind in sorted(kinds.RELATIONS | kinds.TYPES | {"procedure"}))
    return next((ref for ref in others if ref in schema), item.on)


def _by_name(schema: Schema) -> Mapping[str, Sequence[Ref]]:
    """Relations, types and routines, which other texts can name, by their folded names; routines without their arguments."""
    named: dict[str, list[Ref]] = {}
    for ref in schema:
        kind = kinds.of(ref.kind)
        if ref.table is None and (kind.is_relation or kind.is_type or kind.is_routine):
            named.setdefault(fold_case(ref.name.partition("(")[0]), []).append(ref)
    return named


def _needs(item: Definition, schema: Schema, named: Mapping[str, Sequence[Ref]], rules: LexicalRules) -> Iterator[Ref]:
    texts = tuple(_texts(item.sql.text, rules))
    words = {fold_case(name) for text in texts for name in names(text, rules)}
    called = words if item.kind == "aggregate" else {name for text in texts for name in _called(text, rules)}
    everything = selects_everything(item.sql.text, rules)
    for word in words:
        for ref in named.get(word, ()):
            if kinds.of(ref.kind).is_routine and word not in called:
                continue
            yield ref
            table = schema.get(ref)
            if isinstance(table, Table):
                yield from (
                    column_ref(ref, column) for column in table.columns if everything or fold_case(column) in words
                )


def _texts(sql: str, rules: LexicalRules) -> Iterable[str]:
    """A statement, and the body of a routine in it, which is a string."""
    yield sql
    yield from (literal(token) for token in readable(sql, rules) if token.kind is TokenKind.DOLLAR)


def _called(sql: str, rules: LexicalRules) -> Iterator[str]:
    """The folded names before parentheses."""
    for name, opening in pairwise(readable(sql, rules)):
        if opening.text == "(" and name.kind in NAMES:
            yield fold_case(unquoted(name, rules))


def selects_everything(sql: str, rules: LexicalRules) -> bool:
    """Whether a ``*`` stands where a select list has one."""
    tokens = readable(sql, rules)
    return any(
        star.text == "*" and before.text.upper() in ("SELECT", ",", ".", "DISTINCT", "ALL")
        for before, star in pairwise(tokens)
    )
