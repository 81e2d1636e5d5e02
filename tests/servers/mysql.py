"""A private MySQL: the server's program on PATH or where packages put it, else Debian's from the suite that has it, else a
container."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path

from tests.servers import debian, local, mysql_family
from tests.servers.crashable import CrashableServer
from tests.servers.mysql_family import attach
from tests.servers.process import report
from tests.servers.server import Server, Source, Started, Unavailable

__all__ = ["attach"]

NAME = "mysql"
DRIVER = "pymysql"
VARIABLE = "DBWARDEN_TEST_MYSQL_URL"
TREE = debian.Tree(
    NAME,
    suite="unstable",  # the only one that has it; its version moves, and the summary shows it
    packages=("mysql-server-core", "mysql-client-core"),
    programs=("sbin/mysqld", "bin/mysql", "bin/mysqldump"),
    contents=("share/mysql",),
    satisfied=("perl",),  # for scripts
)
FLAVOUR = mysql_family.Flavour(
    NAME,
    VARIABLE,
    image=os.environ.get("DBWARDEN_TEST_MYSQL_IMAGE", "mysql:8.4"),
    advice="unpack it (Debian: python -m tests.servers --ensure)",
    tree=TREE,
)


def find() -> Source:
    return FLAVOUR.find()


def install() -> bool:
    """Unpack Debian's, which installs nothing: its packages and MariaDB's exclude one another."""
    try:
        TREE.unpack()
    except Unavailable as reason:
        report(f"{NAME}: {reason}")
        return False
    return True


def start(source: Source, folder: Path) -> Started:
    return FLAVOUR.start(source, folder)


def running() -> AbstractContextManager[Server]:
    return local.running(NAME, find, start)


def programs() -> Path:
    return FLAVOUR.programs()


def crashable() -> AbstractContextManager[CrashableServer]:
    return FLAVOUR.crashable()
