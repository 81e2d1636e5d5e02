"""Names that people type for migrations, and the name of the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dbwarden.errors import DuplicateVersion, UnknownVersion

from .file import MigrationFile
from .filename import stem
from .record import Identity, Record
from .suggestions import nearest


def reference(name: str, files: Iterable[MigrationFile]) -> Identity:
    """The identity of the migration that ``name`` means: ``7``, ``0007``, ``V__0007``, ``RA__x``, or a file name."""
    wanted = stem(name.strip())
    number = wanted.removeprefix("V__")
    if number.isascii() and number.isdecimal():
        return int(number)
    return next((file.identity for file in files if stem(file.name) == wanted), wanted)


def find(files: Sequence[MigrationFile], name: str) -> MigrationFile:
    """The file that ``name`` means (see ``reference``). Raises ``UnknownVersion``."""
    ensure_unique(files)
    wanted = reference(name, files)
    file = next((file for file in files if file.identity == wanted), None)
    if file is None:
        raise unknown(name, files, ())
    return file


def unknown(name: str, files: Iterable[MigrationFile], history: Iterable[Record]) -> UnknownVersion:
    """The error for an unknown name, with the nearest names."""
    names = {file.identity: stem(file.name) for file in files}
    for record in history:
        names.setdefault(record.identity, stem(record.file))
    return UnknownVersion(version=name, nearest=nearest_migrations(name, names))


def nearest_migrations(name: str, names: Mapping[Identity, str]) -> str:
    """``; nearest: 0007_x, 0008_y``: by number for a number, else by spelling."""
    if not names:
        return ": there are no migrations"
    wanted = reference(name, ())
    if isinstance(wanted, int):
        versions = [version for version in names if isinstance(version, int)]
        nearest_names = [
            names[version] for version in sorted(versions, key=lambda version: (abs(version - wanted), version))[:2]
        ]
    else:
        keys = {str(key): names[key] for key in names} | {text: text for text in names.values()}
        nearest_names = list(dict.fromkeys(keys[match] for match in nearest(wanted, keys)))
    nearest_names = nearest_names or [names[key] for key in list(names)[-2:]]
    return f"; nearest: {', '.join(nearest_names)}"


def ensure_unique(files: Iterable[MigrationFile]) -> dict[Identity, MigrationFile]:
    """The files by identity. Raises ``DuplicateVersion`` with the names of all files of one identity."""
    by_identity: dict[Identity, MigrationFile] = {}
    doubles: dict[Identity, list[str]] = {}
    for file in files:
        name = file.identity
        if name in by_identity:
            doubles.setdefault(name, [by_identity[name].name]).append(file.name)
        else:
            by_identity[name] = file
    for name, twice in doubles.items():
        raise DuplicateVersion(version=by_identity[name].key, files=", ".join(sorted(twice)))
    return by_identity


def next_version(files: Iterable[MigrationFile], history: Iterable[Record] = ()) -> str:
    """The version after the highest one in files and history, at least four digits: ``9999`` -> ``10000``."""
    used = [file.version for file in files if file.version is not None]
    used += [int(record.key) for record in history if record.key.isdecimal()]
    return f"{max(used, default=0) + 1:04d}"
