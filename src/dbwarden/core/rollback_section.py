"""Writes the rollback section of an existing migration file; every other byte of the file stays."""

from __future__ import annotations

from collections.abc import Sequence

from .file import MigrationFile
from .file_sections import Section, terminated


def with_rollback(file: MigrationFile, statements: Sequence[str]) -> str:
    """The file's text with ``statements`` in its ``-- rollback`` section, in place of those that it has.

    A section without statements keeps its comments. A missing one is written behind ``-- upgrade``.
    """
    body = "\n".join(terminated(statement, file.lexical_rules) for statement in statements)
    section = _section(file, "rollback")
    if section is None:
        upgrade = _section(file, "upgrade")
        assert upgrade is not None
        start = end = upgrade.end
        new = f"{_gap(file.text[:start])}-- rollback\n{body}"
    else:
        start, end = section.start, section.end
        comments = "" if file.rollback() else file.text[start:end].strip()
        new = f"\n{comments}\n{body}" if comments else f"\n{body}"
    if end < len(file.text):
        new += "\n"
    if "\r\n" in file.text:
        new = new.replace("\r\n", "\n").replace("\n", "\r\n")
    return file.text[:start] + new + file.text[end:]


def _section(file: MigrationFile, direction: str) -> Section | None:
    return next((one for one in file.sections if one.direction == direction and one.engine is None), None)


def _gap(before: str) -> str:
    """What separates a new section from the text before it: one blank line."""
    if before.endswith(("\n\n", "\r\n\r\n")):
        return ""
    return "\n" if before.endswith("\n") else "\n\n"
