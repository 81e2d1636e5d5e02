"""Backup files, and the programs that write and restore them.

A backup gets its name only after it is complete, was read back and is on disk; no failure leaves a partial one.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from dbwarden.core.archive import UNCHANGED, Command, Pipe, archive_of
from dbwarden.core.dialect import ArchiveDialect, Connection
from dbwarden.errors import ArchiveFailed, BackupFailed, DatabaseError, DBWardenError, NoBackup, RestoreFailed

_POLL = 0.1
"""Seconds between two checks for a signal."""


@dataclass(frozen=True, slots=True)
class SavedBackup:
    """Backup that was written; ``size`` in bytes, ``duration`` in seconds."""

    file: Path
    size: int
    duration: float


def ready(dialect: ArchiveDialect, conn: Connection, folder: Path, check: Callable[[], None]) -> None:
    """Check what can be checked before: the programs, their versions, and the folder, which is created. Raises
    ``BackupFailed``."""
    require_programs(dialect, conn, check)
    with _backup_failed():
        _make(folder)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise ArchiveFailed(reason=f"{folder} is not writable", advice="")


def require_programs(dialect: ArchiveDialect, conn: Connection, check: Callable[[], None]) -> None:
    """Raise ``BackupFailed`` if the programs of the engine are missing or too old; writes nothing."""
    with _backup_failed():
        archive_of(dialect).ready(conn, Programs(check))


def save(
    dialect: ArchiveDialect, conn: Connection, lock_table: str, folder: Path, stem: str, check: Callable[[], None]
) -> SavedBackup:
    """Write a backup of the database behind ``conn`` to ``folder``, without the rows of ``lock_table``.

    A read-only connection is enough. The file's name is ``stem`` and the UTC time, its mode 0600. Raises ``BackupFailed``,
    and what ``check`` raises.
    """
    began = time.monotonic()
    name = f"{stem}_{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    part = folder / f".{name}.{os.getpid()}.part"
    try:
        with _backup_failed():
            _make(folder)
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            archive_of(dialect).save(conn, str(part), lock_table, Programs(check))
            check()
            file = _publish(part, name, archive_of(dialect).suffix)
    finally:
        for left in (part, *(Path(f"{part}{tail}") for tail in ("-wal", "-shm", "-journal"))):
            left.unlink(missing_ok=True)
    return SavedBackup(file, file.stat().st_size, time.monotonic() - began)


def examine(dialect: ArchiveDialect, file: Path, check: Callable[[], None]) -> None:
    """Raise ``NoBackup`` unless ``file`` is a complete backup of this engine."""
    archive, engine = archive_of(dialect), dialect.server.product.partition(" ")[0] or dialect.name
    try:
        with file.open("rb") as opened:
            magic = opened.read(len(archive.magic))
        if magic != archive.magic:
            raise NoBackup(file=file, engine=engine, reason="it begins like something else" if magic else "it is empty")
        archive.examine(str(file), Programs(check))
    except OSError as error:
        raise NoBackup(file=file, engine=engine, reason=_words(error)) from error
    except ArchiveFailed as error:
        raise NoBackup(file=file, engine=engine, reason=error.message) from error


def restore(
    dialect: ArchiveDialect, conn: Connection, file: Path, lock_table: str, check: Callable[[str], None]
) -> None:
    """Replace the database behind ``conn`` by a backup. Raises ``RestoreFailed``, and what ``check``, called with the state
    of the database, raises; the database is then unchanged, or the error says what to do."""
    programs = Programs(lambda: check(programs.remains))
    try:
        archive_of(dialect).restore(conn, str(file), lock_table, programs)
    except (ArchiveFailed, DatabaseError, OSError) as error:
        raise RestoreFailed(file=file, reason=_words(error), remains=programs.remains, advice=_advice(error)) from error


@contextmanager
def _backup_failed() -> Iterator[None]:
    try:
        yield
    except (ArchiveFailed, DatabaseError, OSError) as error:
        raise BackupFailed(reason=_words(error), advice=_advice(error)) from error


def _words(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error)
    return error.message if isinstance(error, DBWardenError) else str(error)


def _advice(error: Exception) -> str:
    return error.advice if isinstance(error, ArchiveFailed) else ""


# -- files --------------------------------------------------------------------------------------------------------


def _make(folder: Path) -> None:
    """Create the folder with mode 0700; the mode of an existing one stays."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def _publish(part: Path, name: str, suffix: str) -> Path:
    """Rename a complete file to a name that is free; file and name are on disk afterwards (fsync)."""
    _sync(part)
    number, file = 1, part.with_name(f"{name}.{suffix}")
    while file.exists():
        number += 1
        file = part.with_name(f"{name}-{number}.{suffix}")
    part.rename(file)
    if hasattr(os, "O_DIRECTORY"):
        _sync(file.parent)
    return file


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


# -- programs -----------------------------------------------------------------------------------------------------


class Programs:
    """``core.archive.Tools`` on this machine. If ``check`` raises (for a signal), the program is stopped."""

    def __init__(self, check: Callable[[], None]) -> None:
        self.check = check
        self.remains = UNCHANGED

    def find(self, program: str, places: str = "") -> Sequence[str]:
        """Paths of a program: the one on PATH, else those in the folders that match ``places``, newest version first."""
        on_path = shutil.which(program)
        if on_path:
            return [on_path]
        paths = [path for folder in glob.glob(places) if (path := shutil.which(program, path=folder))]
        return sorted(paths, key=lambda path: [int(digits) for digits in re.findall(r"\d+", path)], reverse=True)

    def run(self, command: Command) -> str:
        """Run a program and return its standard output. Raises ``ArchiveFailed`` unless it ends with 0."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, _started(command, out, err) as process:
            self._wait(process)
            _ensure(command, process, err)
            out.seek(0)
            return out.read().decode(errors="replace")

    def pipe(self, pipe: Pipe) -> None:
        """Feed the output of ``pipe.source`` to ``pipe.sink``. ``pipe.last`` (COMMIT) is sent only after the source has
        ended with 0, so that no failure, not even of this process, commits a part. Raises ``ArchiveFailed``."""
        with (
            tempfile.TemporaryFile() as source_err,
            tempfile.TemporaryFile() as sink_err,
            _started(pipe.sink, subprocess.DEVNULL, sink_err, subprocess.PIPE) as sink,
            _started(pipe.source, subprocess.PIPE, source_err) as source,
        ):
            ended: list[int] = []
            feeding = threading.Thread(target=_feed, args=(pipe, source, sink, ended), daemon=True)
            feeding.start()
            try:
                self._wait(sink)
                self._wait(source)
            finally:
                for process in (sink, source):
                    _end(process)
                feeding.join()
            if any(ended):  # the source's error first: the sink only complains about truncated input
                _ensure(pipe.source, source, source_err)
            _ensure(pipe.sink, sink, sink_err)
            _ensure(pipe.source, source, source_err)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        while True:
            self.check()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_POLL)
                self.check()  # Ctrl-C reaches the program too: its exit is not a failure
                return


@contextmanager
def _started(
    command: Command, out: IO[bytes] | int, err: IO[bytes], stdin: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    environment: Mapping[str, str] = {**os.environ, **command.environment}
    with tempfile.TemporaryFile() as input_file:
        input_file.write(command.stdin.encode())
        input_file.seek(0)
        try:
            process = subprocess.Popen(
                command.argv, env=environment, stdin=input_file if command.stdin else stdin, stdout=out, stderr=err
            )
        except OSError as error:
            raise ArchiveFailed(reason=f"{command.argv[0]}: {error.strerror}", advice="") from error
    try:
        yield process
    finally:
        _end(process)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()


def _feed(pipe: Pipe, source: subprocess.Popen[bytes], sink: subprocess.Popen[bytes], ended: list[int]) -> None:
    """Copy the source's output to the sink; appends the source's exit code to ``ended``, if it ended by itself."""
    assert source.stdout is not None and sink.stdin is not None
    missing = pipe.without.encode()
    try:
        sink.stdin.write(pipe.first.encode())
        while piece := source.stdout.read(1 << 16):
            if missing and missing in piece:
                piece, missing = piece.replace(missing, b"", 1), b""
            sink.stdin.write(piece)
        ended.append(source.wait())
        if ended == [0]:
            sink.stdin.write(pipe.last.encode())
        sink.stdin.close()
    except (OSError, ValueError):  # the sink has ended, and reports why
        source.kill()


def _ensure(command: Command, process: subprocess.Popen[bytes], err: IO[bytes]) -> None:
    """Raise ``ArchiveFailed`` unless the program ended with 0, with the last lines of its output, secrets masked."""
    code = process.returncode
    if code == 0:
        return
    err.seek(0)
    output = err.read().decode(errors="replace").strip()
    for secret in command.environment.values():
        output = output.replace(secret, "***") if len(secret) > 2 else output
    program = Path(command.argv[0]).name
    ended = f"{program} was ended by {signal.Signals(-code).name}" if code < 0 else f"{program} ended with {code}"
    last = "\n    ".join(output.splitlines()[-6:])
    raise ArchiveFailed(reason=f"{ended}\n    {last}" if last else ended, advice="")
