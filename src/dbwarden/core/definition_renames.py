"""Candidates for renames among what is defined by a text, and among whole schemas."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import partial
from itertools import pairwise

from . import kinds
from .model import Definition, Schema, Table
from .rename_candidates import Candidate, Hints, Scale, best_candidates, candidate_pairs, name_similarity, words_of
from .sqltext import TokenKind, fold_case
from .tokens import NAMES, readable, unquoted
from .types import Ref

_PLAUSIBLE_TEXT = 0.75
_PLAUSIBLE_DEFINITION = 0.65
_PLAUSIBLE_SCHEMA = 0.5
_LEFT_OUT = frozenset(("(", ")", ";", ".", "as"))
"""Tokens that servers add or leave out when they print a text."""


def definitions(before: Schema, after: Schema, hints: Hints) -> Iterator[Candidate]:
    """Candidates among views, routines, triggers and the like. Where nobody is asked, only the same text counts."""
    gone = [item for ref, item in before.items() if isinstance(item, Definition) and ref not in after]
    new = [item for ref, item in after.items() if isinstance(item, Definition) and ref not in before]
    by_place: dict[tuple[object, ...], tuple[list[Definition], list[Definition]]] = {}
    for side, items in enumerate((gone, new)):
        for item in items:
            if kinds.of(item.kind).renamable:
                by_place.setdefault(_place(item), ([], []))[side].append(item)
    for old_items, new_items in by_place.values():
        words = {item.ref: _words(item, hints) for item in (*old_items, *new_items)}
        pairs = candidate_pairs(old_items, new_items, partial(_marks, words))
        scored = (_definition(old, item, (words[old.ref], words[item.ref])) for old, item in pairs)
        yield from best_candidates(filter(None, scored), _PLAUSIBLE_DEFINITION)


def _marks(words: Mapping[Ref, list[str]], item: Definition) -> Iterator[Hashable]:
    """Properties that a definition may share with its renamed self: its text, the words of its name."""
    return iter((tuple(words[item.ref]), *words_of(item.name)))


def _place(item: Definition) -> tuple[object, ...]:
    """What two definitions share if one may be the other under a new name: kind, schema, table, arguments."""
    arguments = item.name.partition("(")[2] if kinds.of(item.kind).is_routine else ""
    return (item.kind, item.schema, item.on, arguments)


def _words(item: Definition, hints: Hints) -> list[str]:
    """The words of a text without what differs between an author's text and the server's: case, quotes, qualifiers."""
    rules = hints.lexical_rules
    own: str | None = fold_case(item.name.partition("(")[0])
    words: list[str] = []
    tokens = readable(item.sql.text, rules)
    for token, behind in pairwise((*tokens, None)):
        if token is None or (behind is not None and behind.text == "." and token.kind in NAMES):
            continue
        if token.kind in (TokenKind.DOLLAR, TokenKind.STRING):
            words += re.findall(r"\w+|[^\w\s$']", token.text.lower())
            continue
        word = fold_case(unquoted(token, rules)) if token.kind in NAMES else token.text.lower()
        if word == own:
            own = None  # what else has the name of the object is part of its text
        elif word not in _LEFT_OUT:
            words.append(word)
    return words


def _definition(old: Definition, new: Definition, words: tuple[list[str], list[str]]) -> Candidate | None:
    alike = SequenceMatcher(None, *words, autojunk=False).ratio()
    if alike < (_PLAUSIBLE_TEXT if kinds.of(old.kind).asked_about else 1.0):
        return None
    scale = Scale()
    scale.put(0.7, alike, "same definition" if alike == 1 else "similar definition")
    if old.comment or new.comment:
        scale.put(0.1, float(old.comment == new.comment), "same comment")
    names = (item.name.partition("(")[0] for item in (old, new))
    scale.put(0.3, name_similarity(*names), "similar name")
    return scale.candidate(old.ref, new.ref)


# -- schemas ------------------------------------------------------------------------------------------------------


def namespaces(before: Schema, after: Schema, _: Hints) -> Iterator[Candidate]:
    """Candidates among schemas that have tables, or other objects, of the same names."""
    gone = [ref for ref in before if ref.kind == "namespace" and ref not in after]
    new = [ref for ref in after if ref.kind == "namespace" and ref not in before]
    if not gone or not new:
        return
    contents = _contents(before), _contents(after)
    scored = (_namespace(old, ref, contents) for old in gone for ref in new)
    yield from best_candidates(filter(None, scored), _PLAUSIBLE_SCHEMA)


def _contents(schema: Schema) -> dict[str, Counter[tuple[object, ...]]]:
    """Kinds and names of the objects in each schema, the columns of its tables included."""
    contents: dict[str, Counter[tuple[object, ...]]] = {}
    for ref, item in schema.items():
        if ref.schema is None or ref.table is not None:
            continue
        objects = contents.setdefault(ref.schema, Counter())
        objects[ref.kind, ref.name] += 1
        if isinstance(item, Table):
            objects.update(("column", ref.name, column) for column in item.columns)
    return contents


def _namespace(old: Ref, new: Ref, contents: Sequence[dict[str, Counter[tuple[object, ...]]]]) -> Candidate | None:
    existing, wanted = (side.get(ref.name, Counter()) for side, ref in zip(contents, (old, new), strict=True))
    common = existing & wanted
    if not common:
        return None
    objects = [key for key in common if key[0] != "column"]
    count = max(sum(key[0] != "column" for key in side) for side in (existing, wanted))
    scale = Scale()
    scale.put(
        0.8, common.total() / max(existing.total(), wanted.total()), f"{len(objects)} of {count} objects are the same"
    )
    scale.put(0.2, name_similarity(old.name, new.name), "similar name")
    return scale.candidate(old, new)
