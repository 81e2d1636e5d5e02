"""Writes migration files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dbwarden.errors import UsageError

from .file_headers import HEADERS, HEADERS_BY_NAME, nearest_name
from .file_sections import terminated
from .sqltext import ANSI, LexicalRules


def format(
    upgrade: Sequence[str],
    rollback: Sequence[str] = (),
    headers: Mapping[str, Any] | None = None,
    variants: Mapping[str, tuple[Sequence[str], Sequence[str]]] | None = None,
    lexical_rules: LexicalRules = ANSI,
) -> str:
    """The text of a file, byte for byte the same for the same input.

    Statements come without their semicolon, ``headers`` by name (``{"depends_on": ("0001",), "seed": True}``), and
    ``variants`` by engine as (upgrade, rollback). An irreversible file without rollback statements gets no ``-- rollback``
    section.
    """
    values = {name: value for name, value in (headers or {}).items() if value not in (None, False, (), [])}
    unknown = next((name for name in values if name not in HEADERS_BY_NAME), None)
    if unknown is not None:
        raise UsageError(f"`{unknown}` is not a header{nearest_name(unknown, HEADERS_BY_NAME)}")
    blocks = ["".join(_header_lines(values))] if values else []
    blocks.append(_section_text("-- upgrade", upgrade, lexical_rules))
    if rollback or "irreversible" not in values:
        blocks.append(_section_text("-- rollback", rollback, lexical_rules))
    for engine, (up, down) in (variants or {}).items():
        blocks.append(_section_text(f"-- upgrade: {engine}", up, lexical_rules))
        blocks.append(_section_text(f"-- rollback: {engine}", down, lexical_rules))
    return "\n".join(blocks)


def _header_lines(values: Mapping[str, Any]) -> Iterator[str]:
    for header in HEADERS:
        if header.name in values:
            yield f"-- {header.name}\n" if header.flag else f"-- {header.name}: {header.write(values[header.name])}\n"


def _section_text(title: str, statements: Sequence[str], lexical_rules: LexicalRules) -> str:
    return title + "\n" + "\n".join(terminated(sql, lexical_rules) for sql in statements)
