"""New numbers for migrations of a branch whose numbers are taken by what was merged before them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .file import MigrationFile
from .filename import stem

_DEPENDS_ON = re.compile(r"^(?P<header>--[ \t]*depends_on[ \t]*:[ \t]*)(?P<names>\[[^\n]*\])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Renumbered:
    """A file with its new name, and its text with the new numbers of the files that it depends on."""

    file: MigrationFile
    key: str
    """Its new version."""
    name: str
    text: str


def renumbering(files: Sequence[MigrationFile], staying: Mapping[str, str]) -> tuple[Renumbered, ...]:
    """The files to rename, in order; empty if no number has to change.

    ``staying`` has the names of the files that keep their numbers, with the reason. The others come behind them in their
    present order, with as few new numbers as possible: one that is higher than all before it stays.
    """
    versioned = [file for file in files if file.version is not None]
    moving = sorted(
        (file for file in versioned if file.name not in staying), key=lambda file: (file.version or 0, file.name)
    )
    last = max((file.version or 0 for file in versioned if file.name in staying), default=0)
    keys: dict[str, str] = {}
    for file in moving:
        last = max(last + 1, file.version or 0)
        keys[file.name] = file.key if last == file.version else f"{last:0{max(len(file.key), 4)}d}"
    changed = {file.name: keys[file.name] for file in moving if keys[file.name] != file.key}
    texts = {file.name: _with_new_references(file, moving, changed) for file in moving}
    return tuple(
        Renumbered(file, keys[file.name], new_name(file, keys[file.name]), texts[file.name])
        for file in moving
        if file.name in changed or texts[file.name] != file.text
    )


def conflicts(files: Sequence[MigrationFile], staying: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Pairs of names of one version that both stay."""
    first: dict[int, str] = {}
    pairs = []
    for file in files:
        if file.version is not None and file.name in staying:
            other = first.setdefault(file.version, file.name)
            if other != file.name:
                pairs.append((other, file.name))
    return tuple(pairs)


def new_name(file: MigrationFile, key: str) -> str:
    """The file's name with another version, which keeps its prefix and its words."""
    prefix, _, words = file.name.partition(file.key)
    return f"{prefix}{key}{words}"


def _with_new_references(file: MigrationFile, moving: Sequence[MigrationFile], keys: Mapping[str, str]) -> str:
    """The text with a ``depends_on`` that names the new numbers. Within a branch, a number means the branch's own file."""
    if not file.depends_on:
        return file.text
    renamed = {other.version: other for other in moving if other.name in keys}
    names = {stem(other.name): other for other in renamed.values()}

    def replaced(reference: str) -> str:
        if (other := names.get(stem(reference))) is not None:
            return stem(new_name(other, keys[other.name]))
        number = reference.removeprefix("V__")
        other = renamed.get(int(number)) if number.isascii() and number.isdecimal() else None
        return keys[other.name] if other is not None else reference

    text = json.dumps([replaced(name) for name in file.depends_on], ensure_ascii=False)
    return _DEPENDS_ON.sub(lambda match: match["header"] + text, file.text, count=1)
