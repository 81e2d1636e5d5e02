"""A backup of a database file."""

from __future__ import annotations

import sys

from dbwarden.core.dialect import Command
from dbwarden.errors import Unsupported

_PROGRAM = (
    "import sqlite3, sys\n"
    "source, target = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True), sqlite3.connect(sys.argv[2])\n"
    "source.backup(target)"
)


def backup(url: str, target: str) -> Command:
    """Python's own online backup, consistent while others write; ``Unsupported`` for a database in memory."""
    path = url.partition(":///")[2].partition("?")[0]
    if not path or path == ":memory:":
        raise Unsupported(what="a backup", dialect="SQLite", reason="the database is in memory")
    return Command((sys.executable, "-c", _PROGRAM, path, target))
