"""Words that a use is written with, and words without which a file cannot mean a table.

A column's name alone (``status``, ``name``) stands in most files of a code base. A file that uses it has to come by the
table or one of its objects somehow, and that leaves a word: the class, a relationship to it, a function that returns one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .mapped_classes import ModelCatalogue
from .subject import Impact, Key, same_table
from .syntax import snake

_DEF = re.compile(rb"def\s+(\w+)")


def written_names(impact: Impact, catalogue: ModelCatalogue) -> set[str]:
    """Every word that a use may be written with."""
    names = {subject.ref.name for subject in impact.subjects}
    names |= {subject.ref.name.upper() for subject in impact.subjects if subject.ref.kind == "value"}
    for cls in catalogue.classes.values():
        names.update(attribute for attribute, column in cls.attributes.items() if impact.named(column, "column"))
        if any(impact.named(name, "table", "view") for _, name in cls.tables):
            names.add(cls.name)
    return names | {name for name, key in catalogue.tables() if impact.named(key[1], "table", "view")}


def search_terms(impact: Impact, catalogue: ModelCatalogue, contents: Iterable[bytes]) -> frozenset[bytes] | None:
    """Words in lower case of which a file has one; ``None`` where a subject (an index, an enumeration) needs none."""
    if any(subject.ref.kind not in ("column", "table", "view") for subject in impact.subjects):
        return None
    keys = {subject.key for subject in impact.subjects}
    classes = set(_classes(keys, catalogue))
    words = {key[1] for key in keys} | classes | set(_relations(classes, catalogue))
    words |= {name for name, key in catalogue.tables() if any(same_table(key, subject_key) for subject_key in keys)}
    if classes:
        words |= set(_carriers(classes, contents))
    words |= {snake(name) for name in words}
    return frozenset(name.lower().encode() for name in words)


def _classes(keys: Iterable[Key], catalogue: ModelCatalogue) -> Iterator[str]:
    for key in keys:
        for cls in catalogue.mapped_to(key):
            yield from (ancestor.name for ancestor in cls.lineage if ancestor.table or ancestor.attributes)


def _relations(classes: Iterable[str], catalogue: ModelCatalogue) -> Iterator[str]:
    """Attributes that lead to one of the classes."""
    for cls in catalogue.classes.values():
        yield from (name for name, relation in cls.relations.items() if relation.target in classes)
    yield from (name for (_, name), relation in catalogue.backrefs.items() if relation.target in classes)


def _carriers(classes: set[str], contents: Iterable[bytes]) -> Iterator[str]:
    """Functions that return one of the classes, attributes that hold one, classes that inherit from one."""
    names = "|".join(map(re.escape, sorted(classes))).encode()
    sought = [name.encode() for name in classes]
    returned = re.compile(rb"->[^:\n]*\b(?:%s)\b" % names)
    attributes = re.compile(rb"^\s+(?:self\.)?(\w+)\s*:\s*[^=(\n]*\b(?:%s)\b" % names, re.MULTILINE)
    inherited = re.compile(rb"\bclass\s+(\w+)\s*\([^)]*\b(?:%s)\b" % names)
    for content in contents:
        if not any(name in content for name in sought):
            continue
        carriers = [*attributes.findall(content), *inherited.findall(content)]
        for arrow in returned.finditer(content):
            function = _DEF.match(content, content.rfind(b"def ", 0, arrow.start()))
            carriers += [function[1]] if function else []
        yield from (name.decode(errors="replace") for name in carriers)
