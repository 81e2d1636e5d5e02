"""Folder of migrations: reads all its files, writes new ones atomically."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from dbwarden.core.file import MigrationFile, parse
from dbwarden.core.filename import is_migration
from dbwarden.core.sqltext import LexicalRules
from dbwarden.errors import FileFormatError, FolderError

if sys.platform != "win32":
    import fcntl

_LOCK_FILE = ".dbwarden-write.lock"
_STALE = 30.0
"""Seconds after which a lock file, normally held for milliseconds, counts as left behind by a dead process."""


# -- reading ------------------------------------------------------------------------------------------------------


def read(
    folder: Path,
    database: str | None,
    lexical_rules: LexicalRules,
    variants: Mapping[str, LexicalRules] | None = None,
    recorded: Mapping[str, str] | None = None,
    belongs: Callable[[str], bool] = is_migration,
) -> tuple[MigrationFile, ...]:
    """Read the migrations in ``folder``, sorted by name; empty if the folder does not exist.

    ``recorded`` maps the SHA-256 of a file's bytes to the checksum in history: such a file's statements are parsed only
    when they are needed. ``belongs``, which is ``is_migration`` or ``is_seed``, decides which names count; subfolders are not
    read. Raises ``FileFormatError``
    (also for bytes that are not UTF-8, and for NUL), ``FileNameError``, ``FolderError``.
    """
    return FolderSnapshot(folder, database, lexical_rules, variants, belongs).files(recorded)


class FolderSnapshot:
    """The files of a folder as they were when it was read: a later ``files`` reads nothing, and parses none again."""

    def __init__(
        self,
        folder: Path,
        database: str | None,
        lexical_rules: LexicalRules,
        variants: Mapping[str, LexicalRules] | None = None,
        belongs: Callable[[str], bool] = is_migration,
    ) -> None:
        """Read the names and bytes. Raises as ``read``, except what is wrong inside of a file."""
        self._database, self._rules = database, (lexical_rules, variants)
        entries = ((name, _bytes(folder, name)) for name in names(folder, belongs))
        self._texts = [(name, hashlib.sha256(data).hexdigest(), _text(name, data)) for name, data in entries]
        self._parsed: dict[tuple[str, str | None], MigrationFile] = {}

    def files(self, recorded: Mapping[str, str] | None = None) -> tuple[MigrationFile, ...]:
        """The files, sorted by name, as ``read`` returns them."""
        known = recorded or {}
        return tuple(self._file(name, digest, text, known.get(digest)) for name, digest, text in self._texts)

    def _file(self, name: str, digest: str, text: str, recorded: str | None) -> MigrationFile:
        file = self._parsed.get((name, recorded))
        if file is None:
            file = self._parsed[name, recorded] = self._parse(name, digest, text, recorded)
        return file

    def _parse(self, name: str, digest: str, text: str, recorded: str | None) -> MigrationFile:
        if name.endswith(".py"):
            from dbwarden.core.python_file import parse_python  # deferred: only seeds are in Python

            return parse_python(name, text, self._database, digest=digest)
        return parse(name, text, *self._rules, self._database, digest=digest, recorded=recorded)


def names(folder: Path, belongs: Callable[[str], bool] = is_migration) -> list[str]:
    """The names of the migrations in ``folder``, sorted; with ``is_seed`` those of the seeds."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if _belongs(entry, belongs))
    except FileNotFoundError:
        return []
    except OSError as exc:
        raise FolderError(folder=folder, reason=exc.strerror) from exc


def _belongs(entry: os.DirEntry[str], belongs: Callable[[str], bool]) -> bool:
    if entry.is_dir() and not entry.name.lower().endswith(".sql"):
        return False
    if not belongs(entry.name):
        return False
    if entry.is_dir():
        raise FolderError(
            folder=entry.path, reason="it is named like a migration, and is a folder; rename or remove it"
        )
    if not entry.name.isprintable() and _has_surrogate(entry.name):
        raise FolderError(folder=entry.path, reason="its name is not UTF-8; rename it")
    if not stat.S_ISREG(entry.stat().st_mode):
        raise FolderError(folder=entry.path, reason="it is named like a migration, and is not a regular file")
    return True


def _has_surrogate(name: str) -> bool:
    """Whether a name has bytes that are not UTF-8, which Python represents as lone surrogates."""
    return any("\udc80" <= character <= "\udcff" for character in name)


def _bytes(folder: Path, name: str) -> bytes:
    try:
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()
    except OSError as exc:
        raise FolderError(folder=os.path.join(folder, name), reason=exc.strerror) from exc


def _text(name: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise _bad_byte(name, data, exc.start, f"byte 0x{data[exc.start]:02x} is not UTF-8") from None
    if "\0" in text:
        raise _bad_byte(name, data, data.index(b"\0"), "a NUL character")
    return text


def _bad_byte(name: str, data: bytes, offset: int, problem: str) -> FileFormatError:
    before = data[:offset].decode("utf-8")
    column = len(before) - before.rfind("\n")
    reason = f"{problem} (offset {offset} in the file); save the file as UTF-8"
    return FileFormatError(file=name, line=before.count("\n") + 1, column=column, reason=reason)


# -- writing ------------------------------------------------------------------------------------------------------


def write_new(
    folder: Path,
    make_name: Callable[[Sequence[str]], str],
    text: str,
    belongs: Callable[[str], bool] = is_migration,
) -> Path:
    """Write a new file atomically and return its path; creates the folder.

    ``make_name`` receives the existing names and returns a new one. It is called under a lock on the folder, so that two
    processes never choose the same version. Raises ``FolderError``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _exclusive(folder):
            path = folder / make_name(names(folder, belongs))
            _write(folder, path, text)
    except OSError as exc:
        raise FolderError(folder=folder, reason=f"cannot write a file: {_reason(exc)}") from exc
    return path


def replace(path: Path, text: str) -> None:
    """Replace the text of a file atomically. Raises ``FolderError``."""
    try:
        temporary = _temporary(path.parent, text)
        try:
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
            raise
    except OSError as exc:
        raise FolderError(folder=path, reason=f"cannot be written: {_reason(exc)}") from exc


def rename(folder: Path, name: str, new_name: str) -> None:
    """Rename a migration. Raises ``FolderError`` if the new name is taken."""
    try:
        with _exclusive(folder):
            if (folder / new_name).exists():
                raise FolderError(folder=folder, reason=f"{new_name} exists already")
            os.rename(folder / name, folder / new_name)
    except OSError as exc:
        raise FolderError(folder=folder / name, reason=f"cannot be renamed: {_reason(exc)}") from exc
    _sync_folder(folder)


def _reason(exc: OSError) -> str:
    if exc.errno == errno.EEXIST:
        return f"{Path(exc.filename2 or exc.filename).name} exists already"
    return exc.strerror or str(exc)


def _write(folder: Path, path: Path, text: str) -> None:
    temporary = _temporary(folder, text)
    try:
        os.link(temporary, path)  # unlike os.replace, fails if the name is taken
    except OSError as exc:
        if exc.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        with path.open("x", encoding="utf-8", newline="") as file:  # a file system without hard links
            file.write(text)
    finally:
        os.unlink(temporary)
    _sync_folder(folder)


def _temporary(folder: Path, text: str) -> str:
    import tempfile  # deferred: most commands only read

    handle, name = tempfile.mkstemp(prefix=".dbwarden-", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
    except OSError:
        os.unlink(name)
        raise
    return name


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # Windows opens no folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _exclusive(folder: Path) -> Iterator[None]:
    """Exclude other processes that write migrations to this folder."""
    if sys.platform == "win32":
        lock = folder / _LOCK_FILE
        _take(lock)
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)
    else:
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)  # the system releases it even if the process is killed
            yield
        finally:
            os.close(handle)


def _take(lock: Path) -> None:
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            return
        except FileExistsError:
            with suppress(FileNotFoundError):
                if time.time() - lock.stat().st_mtime > _STALE:
                    lock.unlink()
            time.sleep(0.05)
