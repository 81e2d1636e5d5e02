"""The routines that the expressions of tables call: they exist before the table does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from . import kinds
from .change import Add, Change, Drop
from .model import Column, Member, Object, Table
from .sqltext import fold_case
from .types import Expression, Ref

_CALL = re.compile(r'(\w+)"?\s*\(')


def routine_places(changes: Iterable[Change], verb: type[Add | Drop]) -> Mapping[str, Sequence[int]]:
    """Numbers of the changes that add or drop routines, by the folded names without arguments."""
    places: dict[str, list[int]] = {}
    for at, change in enumerate(changes):
        if isinstance(change, verb) and kinds.of(change.ref.kind).is_routine:
            places.setdefault(_plain(change.ref), []).append(at)
    return places


def called_places(item: Object, routines: Mapping[str, Sequence[int]]) -> Iterator[int]:
    """Those of ``routines`` that a default, a generated column, a constraint or an index calls."""
    if routines:
        for name in {fold_case(name) for text in _texts(item) for name in _CALL.findall(text)}:
            yield from routines.get(name, ())


def _plain(ref: Ref) -> str:
    return fold_case(ref.name.partition("(")[0])


def _texts(item: Object) -> Iterator[str]:
    match item:
        case Table():
            for column in item.columns.values():
                yield from _texts(column)
        case Column():
            yield from (text.text for text in (item.default, item.computed and item.computed.expression) if text)
        case Member():
            seen: list[str] = []

            def noted(expression: Expression) -> Expression:
                seen.append(expression.text)
                return expression

            item.with_expressions(noted)
            yield from seen
