"""What the tests expect of an engine, whoever makes it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Unavailable(Exception):
    """This engine cannot be had on this machine; the message says why and what to install."""


@dataclass(frozen=True)
class Source:
    """Where a server comes from."""

    kind: str
    """For people: ``private server``, ``container``, or the variable that holds the URL of a running one."""
    place: str
    """A folder of binaries, an image, or a URL."""


class Server(Protocol):
    """A running server, shared by the processes of one test session."""

    @property
    def root(self) -> str:
        """URL of the database that administers the others; enough to rebuild this object in another process."""

    @property
    def version(self) -> str: ...

    def url(self, database: str) -> str: ...

    def create_database(self, name: str, template: str = ...) -> None:
        """An empty one, or a copy of ``template``, to which nobody may be connected."""

    def drop_database(self, name: str) -> None:
        """Drops it even while somebody is connected; nothing happens if it is not there."""


@dataclass(frozen=True)
class Started:
    """A server together with the command that ends it (nothing for one that was there before us)."""

    server: Server
    stop: tuple[str, ...] = ()


class Program(Protocol):
    """The members of the module of anything that has to be installed."""

    NAME: str

    def find(self) -> Source:
        """Where it can be had from; raises ``Unavailable``."""

    def install(self) -> bool:
        """Bring what ``find`` misses. Returns whether that was possible."""


class Vendor(Program, Protocol):
    """The members of an engine's module."""

    DRIVER: str
    """SQLAlchemy's name of the driver the tests use."""

    def start(self, source: Source, folder: Path) -> Started:
        """Starts one that keeps everything it writes in ``folder``; raises ``Unavailable`` with the server's log."""

    def attach(self, root: str) -> Server:
        """The server behind ``root``, which another process has started."""

    def running(self) -> AbstractContextManager[Server]:
        """A server for the length of a ``with`` block, gone afterwards."""
