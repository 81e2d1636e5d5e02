"""The file of a backup: definitions, and rows in the format Native as the server sends them.

After the first line come entries, one per object and then the end. An entry is a line of JSON; the entry of an object with
rows is followed by frames and a line of JSON with their count. A frame is a length of 4 bytes and that many bytes compressed by
zlib; length 0 ends the rows. The last line is the SHA-256 of everything before it.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from dbwarden.errors import ArchiveFailed

MAGIC = b"-- DBWarden: backup of ClickHouse, format 1\n"
_DIGEST = 64
_LEVEL = 1
"""Of zlib: the fastest, which halves Native data all the same."""


@dataclass(frozen=True, slots=True)
class SavedObject:
    """A table, view or dictionary with its definition, which names its own database nowhere."""

    kind: str
    """``table``, ``view``, ``materialized view`` or ``dictionary``."""
    name: str
    sql: str
    columns: tuple[str, ...] = ()
    """Columns of the rows; empty if the object has none of its own."""


@dataclass(frozen=True, slots=True)
class RowCount:
    """Number of rows before and after they were read: writers may have been active meanwhile."""

    before: int
    after: int

    def allows(self, rows: int) -> bool:
        """Whether the rows can be complete."""
        return min(self.before, self.after) <= rows <= max(self.before, self.after)


class BackupWriter:
    """Writes a backup to an open file, and its checksum."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest = file, hashlib.sha256()
        self._write(MAGIC)

    def _write(self, data: bytes) -> None:
        self._digest.update(data)
        self._file.write(data)

    def _line(self, value: Any) -> None:
        self._write(json.dumps(value, ensure_ascii=False).encode() + b"\n")

    def entry(self, item: SavedObject) -> None:
        """Begin the entry of an object."""
        self._line(asdict(item))

    def rows(self, piece: bytes) -> None:
        """Write a piece of the object's rows."""
        if piece:
            packed = zlib.compress(piece, _LEVEL)
            self._write(len(packed).to_bytes(4) + packed)

    def end_of_rows(self, count: RowCount) -> None:
        """End the object's rows."""
        self._write(bytes(4))
        self._line(asdict(count))

    def end(self) -> None:
        """End the file."""
        self._line({"end": True})
        self._file.write(self._digest.hexdigest().encode())


class BackupReader:
    """Reads a backup from an open file. Raises ``ArchiveFailed`` for a damaged one."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        if file.readline() != MAGIC:
            raise ArchiveFailed(reason="its first line is another one", advice="")

    def entries(self) -> Iterator[SavedObject]:
        """The objects. The rows of one must be read before the next one."""
        while not (value := self._line()).get("end"):
            yield SavedObject(**{**value, "columns": tuple(value["columns"])})

    def _line(self) -> dict[str, Any]:
        line = self._file.readline()
        if not line.endswith(b"\n"):
            raise ArchiveFailed(reason="it is incomplete", advice="")
        value: dict[str, Any] = json.loads(line)
        return value

    def rows(self) -> Iterator[bytes]:
        """The rows of the object, in pieces."""
        while size := int.from_bytes(self._exactly(4)):
            yield zlib.decompress(self._exactly(size))

    def count(self) -> RowCount:
        """The number of rows, after ``rows``."""
        return RowCount(**self._line())

    def _exactly(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) != size:
            raise ArchiveFailed(reason="it is incomplete", advice="")
        return data


def verify(file: Path, check: Callable[[], None]) -> None:
    """Read the whole file and compare its checksum. Raises ``ArchiveFailed``; ``check`` is called now and then."""
    digest, left = hashlib.sha256(), file.stat().st_size - _DIGEST
    with file.open("rb") as opened:
        while left > 0 and (piece := opened.read(min(1 << 20, left))):
            check()
            digest.update(piece)
            left -= len(piece)
        expected = opened.read()
    if left < 0 or digest.hexdigest().encode() != expected:
        raise ArchiveFailed(reason="it is incomplete or damaged: its checksum is not that of its contents", advice="")
