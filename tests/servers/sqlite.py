"""SQLite as a server: a folder of files."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.server import Server, Source, Started

NAME = "sqlite"
DRIVER = ""


@dataclass(frozen=True)
class SQLite:
    root: str
    version: str = sqlite3.sqlite_version

    def path(self, database: str) -> Path:
        return Path(self.root.removeprefix("sqlite:///")) / f"{database}.db"

    def url(self, database: str) -> str:
        return f"sqlite:///{self.path(database)}"

    def create_database(self, name: str, template: str = "") -> None:
        self.path(name).touch(exist_ok=False)
        if template:
            shutil.copyfile(self.path(template), self.path(name))

    def drop_database(self, name: str) -> None:
        for suffix in ("", "-journal", "-wal", "-shm"):
            self.path(name).with_name(f"{name}.db{suffix}").unlink(missing_ok=True)


def find() -> Source:
    return Source("embedded", "")


def install() -> bool:
    return False  # it is part of Python


def start(source: Source, folder: Path) -> Started:
    return Started(attach(f"sqlite:///{folder}"))


def attach(root: str) -> Server:
    return SQLite(root)


@contextmanager
def running() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="dbwarden-sqlite-") as folder:
        yield attach(f"sqlite:///{folder}")
