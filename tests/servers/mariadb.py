"""A private MariaDB: the server's program on PATH or where packages put it, else a container."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path

from tests.servers import debian, local, mysql_family
from tests.servers.crashable import CrashableServer
from tests.servers.mysql_family import attach
from tests.servers.server import Server, Source, Started

__all__ = ["attach"]

NAME = "mariadb"
DRIVER = "pymysql"
PACKAGES: tuple[str, ...] = ("mariadb-server-core", "mariadb-client")
VARIABLE = "DBWARDEN_TEST_MARIADB_URL"
FLAVOUR = mysql_family.Flavour(
    NAME,
    VARIABLE,
    image=os.environ.get("DBWARDEN_TEST_MARIADB_IMAGE", "mariadb:10.11"),
    advice=f"install it (Debian: apt-get install {PACKAGES[0]})",
)


def find() -> Source:
    return FLAVOUR.find()


def install() -> bool:
    return debian.install(PACKAGES)


def start(source: Source, folder: Path) -> Started:
    return FLAVOUR.start(source, folder)


def running() -> AbstractContextManager[Server]:
    return local.running(NAME, find, start)


def programs() -> Path:
    return FLAVOUR.programs()


def crashable() -> AbstractContextManager[CrashableServer]:
    return FLAVOUR.crashable()
