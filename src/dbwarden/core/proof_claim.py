"""Reads and writes the proof in a file's header, and checks whether it belongs to the statements below it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from enum import Enum

from .file import MigrationFile
from .sqltext import checksum

_DIGEST = re.compile(r"(?:^|;\s*)digest (?P<digest>[0-9a-f]{16})\Z")
_LINE = re.compile(r"--[ \t]*(?:un)?proven[ \t]*:")


class ProofStatus(Enum):
    """Relation of a header's proof to the statements of its file."""

    NONE = "none"
    UNPROVEN = "unproven"
    PROVEN = "proven"
    STALE = "stale"
    """The statements were changed after they were proven."""
    UNBOUND = "unbound"
    """The header has no digest (an older version, or written by hand), so the proven statements are unknown."""


def claim(file: MigrationFile) -> ProofStatus:
    """Status of the proof in a file's header."""
    text = file.headers.get("proven")
    if text is None:
        return ProofStatus.UNPROVEN if "unproven" in file.headers else ProofStatus.NONE
    match = _DIGEST.search(text)
    if match is None:
        return ProofStatus.UNBOUND
    return ProofStatus.PROVEN if match["digest"] == sections_digest(file) else ProofStatus.STALE


def sections_digest(file: MigrationFile) -> str:
    """Digest (16 hexadecimal digits) of everything that a proof executes, without comments and white space: the statements
    of all sections, variants included, and the headers that control how they run."""
    parts = [f"transaction {file.transaction}", f"irreversible {file.irreversible is not None}"]
    for engine in (None, *file.engines):
        lexical_rules = file.variants.get(engine or "", file.lexical_rules)
        for direction, statements in (("upgrade", file.upgrade(engine)), ("rollback", file.rollback(engine))):
            parts.append(
                f"{direction} {engine} {checksum((statement.text for statement in statements), lexical_rules)}"
            )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def with_claims(file: MigrationFile, proven: Iterable[str], unproven: Iterable[str]) -> str:
    """The file's text with its proof headers replaced by these; the proven ones get the digest of the sections."""
    proven = tuple(proven)
    lines = list(_lines("proven", (*proven, f"digest {sections_digest(file)}") if proven else ()))
    lines += _lines("unproven", unproven)
    start = file.text.rfind("\n", 0, file.sections[0].start) + 1
    newline = "\r\n" if "\r\n" in file.text else "\n"
    head = [line for line in file.text[:start].splitlines() if not _LINE.match(line)]
    while head and not head[-1].strip():
        head.pop()
    whole = [*head, *lines, ""] if head or lines else []
    return "".join(line + newline for line in whole) + file.text[start:]


def _lines(name: str, texts: Iterable[str]) -> Iterator[str]:
    folded = dict.fromkeys(" ".join(text.split()) for text in texts)
    if folded:
        yield f"-- {name}: {'; '.join(folded)}"


def claim_line(file: MigrationFile) -> int:
    """Line number of the ``proven`` header; 1 if there is none."""
    head = file.text[: file.sections[0].start].splitlines()
    return next((number for number, line in enumerate(head, 1) if _LINE.match(line)), 1)
