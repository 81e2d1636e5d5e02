"""Uses in templates (Jinja, HTML): expressions by the names they use, embedded SQL as SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .mapped_classes import ModelCatalogue
from .resolver import Hit
from .sql import SqlReader, is_statement
from .subject import Impact, Subject
from .syntax import snake, whole_word
from .usage import Confidence

_COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->|<%doc>.*?</%doc>", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\$\{.*?\}", re.DOTALL)
_LOOP = re.compile(r"\bfor\s+(\w+)\s+in\s+([\w.]+)")
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")


def hits(text: str, impact: Impact, catalogue: ModelCatalogue, sql: SqlReader) -> Iterator[Hit]:
    """The uses in a template, by offset."""
    text = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    loops = {match[1]: match[2].rpartition(".")[2] for match in _LOOP.finditer(text)}
    columns = [subject for subject in impact.subjects if subject.ref.kind == "column"]
    patterns = [(subject, *_pattern(subject, catalogue)) for subject in columns]
    for expression in _EXPRESSION.finditer(text):
        for subject, pattern, owners in patterns:
            yield from _attributes(expression, subject, pattern, owners, loops)
        for string in _STRING.finditer(expression.group()):
            if is_statement(string.group()[1:-1]):
                start = expression.start() + string.start() + 1
                yield from (hit.moved(start) for hit in sql.statements(string.group()[1:-1], sure=False))


def _pattern(subject: Subject, catalogue: ModelCatalogue) -> tuple[re.Pattern[str], set[str]]:
    """The pattern of an attribute of the column, and the names of what has it: the table, its classes."""
    table, column = subject.key[1].lower(), subject.ref.name
    owners, names, declared = {table, table.removesuffix("s")}, set[str](), False
    for cls in catalogue.mapped_to(subject.key):
        owners |= {snake(cls.name), f"{snake(cls.name)}s"}
        names |= {name for name, of in cls.attributes.items() if of.casefold() == column.casefold()}
        declared = declared or column in cls.others or column in cls.attributes
    if not names and not declared:
        names = {column}
    name = "|".join(sorted(map(whole_word, names))) or r"(?!)"
    pattern = rf"(?P<base>\w+)(?:\(\))?\s*(?:\.\s*(?P<name>{name})|\[\s*['\"](?P<key>{name})['\"]\s*\])"
    return re.compile(pattern), owners


def _attributes(
    expression: re.Match[str], subject: Subject, pattern: re.Pattern[str], owners: set[str], loops: dict[str, str]
) -> Iterator[Hit]:
    source = expression.group()
    plain = _STRING.sub(lambda match: match[0] if source[match.start() - 1] == "[" else " " * len(match[0]), source)
    for match in pattern.finditer(plain):
        base = match["base"].lower()
        start = expression.start() + match.start("name" if match["name"] else "key")
        looped = loops.get(base, "")
        if _is_owner({base}, owners):
            yield Hit(start, subject, Confidence.LIKELY, f"attribute of {base} in a template")
        elif _is_owner({looped, looped.removesuffix("s")}, owners):
            yield Hit(start, subject, Confidence.LIKELY, f"attribute of one of {looped} in a template")


def _is_owner(names: set[str], owners: set[str]) -> bool:
    return bool(names & owners) or any(name.endswith(f"_{owner}") for name in names for owner in owners)
