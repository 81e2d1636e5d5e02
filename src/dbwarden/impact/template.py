"""Uses in templates (Jinja, HTML): expressions by the names they use, embedded SQL as SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .mapped_classes import ModelCatalogue, snake
from .python_file import Search, same, word
from .sql import Hit, looks_like
from .subject import Subject
from .usage import Confidence

_COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->|<%doc>.*?</%doc>", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\$\{.*?\}", re.DOTALL)
_LOOP = re.compile(r"\bfor\s+(\w+)\s+in\s+([\w.]+)")
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")


def hits(text: str, search: Search) -> Iterator[Hit]:
    """The uses in a template, by offset."""
    text = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    loops = {match[1]: match[2].rpartition(".")[2] for match in _LOOP.finditer(text)}
    for expression in _EXPRESSION.finditer(text):
        for subject in search.impact.subjects:
            if subject.ref.kind == "column":
                yield from _attributes(expression.group(), expression.start(), subject, loops, search.catalogue)
        for string in _STRING.finditer(expression.group()):
            if looks_like(string.group()[1:-1]):
                for hit in search.sql.statements(string.group()[1:-1], sure=False):
                    yield Hit(hit.offset + expression.start() + string.start() + 1, hit.subject, hit.sure, hit.why)


def _attributes(
    expression: str, start: int, subject: Subject, loops: dict[str, str], catalogue: ModelCatalogue
) -> Iterator[Hit]:
    plain = _STRING.sub(lambda match: _without_text(expression, match), expression)
    owners = set(_owners(subject, catalogue))
    name = "|".join(sorted({word(attribute) for attribute in _names(subject, catalogue)}))
    pattern = rf"(?P<base>\w+)(?:\(\))?\s*(?:\.\s*(?P<name>{name})|\[\s*['\"](?P<key>{name})['\"]\s*\])"
    for match in re.finditer(pattern, plain):
        base = match["base"].lower()
        for called, why in (
            (base, "attribute of {} in a template"),
            (loops.get(base, ""), "attribute of one of {} in a template"),
        ):
            singular = called.removesuffix("s") if called == loops.get(base) else called
            if {singular, called} & owners or any(singular.endswith(f"_{owner}") for owner in owners):
                at = match.start("name") if match["name"] else match.start("key")
                yield Hit(start + at, subject, Confidence.LIKELY, why.format(called))
                break


def _owners(subject: Subject, catalogue: ModelCatalogue) -> Iterator[str]:
    """Names of an object of the table in templates."""
    table = subject.key[1].lower()
    yield from (table, table.removesuffix("s"))
    for cls in catalogue.classes.values():
        if any(same(key, subject.key) for key in catalogue.tables(cls)):
            yield from (snake(cls.name), f"{snake(cls.name)}s")


def _names(subject: Subject, catalogue: ModelCatalogue) -> Iterator[str]:
    """Names of the attributes of the column."""
    declared = False
    for cls in catalogue.classes.values():
        for attribute, column in cls.columns.items():
            if column.casefold() == subject.ref.name.casefold() and any(
                same(key, subject.key) for key in catalogue.tables(cls)
            ):
                declared = True
                yield attribute
        if any(same(key, subject.key) for key in catalogue.tables(cls)):
            declared = declared or subject.ref.name in cls.others or subject.ref.name in cls.columns
    if not declared:
        yield subject.ref.name


def _without_text(expression: str, string: re.Match[str]) -> str:
    """The string of an expression, blanked unless it is a key."""
    return string.group() if expression[string.start() - 1] == "[" else " " * len(string.group())
