"""Sections of migration files. They begin with ``-- upgrade`` and ``-- rollback`` at the start of a line, outside of quotes and
comments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from dbwarden.errors import UsageError

from .file_error import raise_error
from .file_headers import nearest_name
from .sqltext import LexicalRules, next_marker


class Section(NamedTuple):
    """The text between two section lines: offsets into the file's text, and its first line."""

    direction: str
    engine: str | None
    start: int
    end: int
    line: int


MARKER = r"(?<![^\n\r])--[ \t]*(?i:upgrade|rollback)[ \t]*(?::[ \t]*(?:\w+[ \t]*)?)?(?=[\r\n]|\Z)"
"""A section line, at the start of a line."""

_MARKER_LINE = re.compile(r"--[ \t]*(?P<direction>\w+)[ \t]*(?::[ \t]*(?P<engine>\w*))?")


def read_sections(
    name: str, text: str, lexical_rules: LexicalRules, variants: Mapping[str, LexicalRules] | None
) -> tuple[Section, ...]:
    sections: list[Section] = []
    seen: set[tuple[str, str | None]] = set()
    at, end = next_marker(text, lexical_rules, MARKER), len(text)
    while at < end:
        match = _MARKER_LINE.match(text, at)
        if match is None:  # the marker's pattern contains this one
            break
        direction, engine = match["direction"].lower(), (match["engine"] or "").lower() or None
        if (direction, engine) in seen:
            raise_error(name, text, at, f"a second `{_title(direction, engine)}` section")
        if engine and variants is not None and engine not in variants:
            raise_error(name, text, at, f"`{engine}` is not an engine{nearest_name(engine, variants)}")
        seen.add((direction, engine))
        start = match.end()
        at = next_marker(text, (variants or {}).get(engine or "", lexical_rules), MARKER, start)
        sections.append(Section(direction, engine, start, at, text.count("\n", 0, start) + 2))
    if ("upgrade", None) not in seen:
        offset = text.rfind("\n", 0, sections[0].start) + 1 if sections else 0
        raise_error(name, text, offset, "no `-- upgrade` section: a line `-- upgrade` must stand before the statements")
    return tuple(sections)


def _title(direction: str, engine: str | None) -> str:
    return f"-- {direction}: {engine}" if engine else f"-- {direction}"


def terminated(sql: str, lexical_rules: LexicalRules) -> str:
    """A statement with its semicolon, outside of a comment at the end."""
    sql = sql.strip().rstrip(";").rstrip()
    if "--" in sql:
        if next_marker(sql, lexical_rules, MARKER) < len(sql):
            raise UsageError(f"a statement contains a line that begins a section of the file: {sql[:60]}")
        if sql.rfind("--") > sql.rfind("\n"):
            return sql + "\n;\n"
    return sql + ";\n"
