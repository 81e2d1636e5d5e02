"""Files of a code base that may use a name: collected by walking, narrowed by a search of their bytes."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from .usage import SkippedFile

SKIPPED = frozenset(("node_modules", "__pycache__", "site-packages"))
"""Folders without source of the project; hidden ones and virtual environments are skipped too."""
HUGE = 2_000_000
"""Bytes; what is longer was written by a program."""


class FileKind(Enum):
    """Kind of a file, which decides how it is read."""

    PYTHON = "python"
    SQL = "sql"
    TEMPLATE = "template"


_KINDS = {".py": FileKind.PYTHON, ".pyi": FileKind.PYTHON, ".sql": FileKind.SQL, ".ddl": FileKind.SQL}
_KINDS |= dict.fromkeys((".html", ".htm", ".jinja", ".jinja2", ".j2", ".mako", ".tpl", ".tmpl"), FileKind.TEMPLATE)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file: its path as shown to people and its kind. ``searched`` is false where it only helps to understand others."""

    path: str
    display_path: str
    kind: FileKind
    searched: bool = True


def walk(scanned: Iterable[Path], context: Path, skipped: Collection[Path]) -> Iterator[SourceFile]:
    """Every readable file below ``scanned``, then the Python files of ``context`` that are not among them."""
    seen: set[str] = set()
    avoided = {os.path.realpath(path) for path in skipped}
    for root in scanned:
        for path in _below(os.path.realpath(root), avoided):
            kind = _kind(path)
            if kind is not None and path not in seen:
                seen.add(path)
                yield SourceFile(path, _display_path(path, context), kind)
    for path in _below(os.path.realpath(context), avoided):
        if path not in seen and _kind(path) is FileKind.PYTHON:
            yield SourceFile(path, _display_path(path, context), FileKind.PYTHON, searched=False)


def _below(root: str, avoided: Collection[str]) -> Iterator[str]:
    if os.path.isfile(root):
        yield root
        return
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not _is_skipped(folder, name, avoided))
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name[0] != "." and not os.path.islink(path):
                yield path


def _is_skipped(folder: str, name: str, avoided: Collection[str]) -> bool:
    path = os.path.join(folder, name)
    return name[0] == "." or name in SKIPPED or path in avoided or os.path.exists(os.path.join(path, "pyvenv.cfg"))


def _kind(path: str) -> FileKind | None:
    base, suffix = os.path.splitext(path)
    if suffix.lower() in (".j2", ".jinja", ".jinja2", ".tmpl") and base.lower().endswith(".sql"):
        return FileKind.SQL
    return _KINDS.get(suffix.lower())


def _display_path(path: str, context: Path) -> str:
    root = os.path.realpath(context)
    return os.path.relpath(path, root) if path.startswith(root + os.sep) else path


def read_bytes(source: SourceFile) -> bytes | SkippedFile:
    """The bytes of a file, or why they are not read; a binary file is empty."""
    try:
        if os.path.getsize(source.path) > HUGE:
            return SkippedFile(source.display_path, f"larger than {HUGE // 1_000_000} MB, not read")
        with open(source.path, "rb") as file:
            content = file.read()
    except OSError as error:
        return SkippedFile(source.display_path, error.strerror or "cannot be read")
    return b"" if b"\0" in content[:8192] else content


def mentions(content: bytes, names: Iterable[bytes]) -> bool:
    """Whether any of the names, in lower case, stands in the bytes in whatever case."""
    low = content.lower()
    return any(name in low for name in names)
