"""Diagnoses of a SQLite database file."""

from __future__ import annotations

from collections.abc import Iterator
from os import W_OK, access
from pathlib import Path

from dbwarden.core.diagnosis import Diagnosis, Grade
from dbwarden.core.dialect import Connection, Server
from dbwarden.dialects.base import health

_OLDEST = (3, 25)


def diagnose(conn: Connection, server: Server) -> Iterator[Diagnosis]:
    """Version of the library, and whether file and folder can be written. Raises ``DatabaseError``."""
    yield health.version(server, _OLDEST)
    path = next((str(row[2]) for row in conn.query("PRAGMA database_list") if row[1] == "main"), "")
    if not path:
        yield Diagnosis("file", Grade.NOTE, "the database is in memory: it is gone when the process ends")
        return
    yield _writable(Path(path))


def _writable(file: Path) -> Diagnosis:
    """SQLite writes its journal beside the file, so the folder has to be writable too (documentation, Temporary Files)."""
    for place in (file, file.parent):
        if place.exists() and not access(place, W_OK):
            what = "folder of the database" if place == file.parent else "database file"
            return Diagnosis(
                "file", Grade.PROBLEM, f"the {what} {place} is not writable", f"`chmod u+w {place}`, as its owner"
            )
    return Diagnosis("file", Grade.OK, f"{file} and its folder are writable")
