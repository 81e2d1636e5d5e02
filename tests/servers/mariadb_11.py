"""A private MariaDB of the present long-term series: an installed one that is new enough, else Debian's from the suite that has
it, else a container."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path

from tests.servers import debian, local, mysql_family
from tests.servers.mysql_family import attach
from tests.servers.process import report
from tests.servers.server import Server, Source, Started, Unavailable

__all__ = ["attach"]

NAME = "mariadb_11"
ENGINE = "mariadb"
DRIVER = "pymysql"
VARIABLE = "DBWARDEN_TEST_MARIADB_11_URL"
TREE = debian.Tree(
    NAME,
    suite="trixie",
    packages=("mariadb-server-core", "mariadb-client"),
    programs=("sbin/mariadbd", "bin/mariadb", "bin/mariadb-dump"),
    contents=("share/mariadb",),
    satisfied=("perl", "libdbi-perl", "libdbd-mariadb-perl", "libconfig-inifiles-perl", "debianutils"),  # for scripts
)
FLAVOUR = mysql_family.Flavour(
    ENGINE,
    VARIABLE,
    image=os.environ.get("DBWARDEN_TEST_MARIADB_11_IMAGE", "mariadb:11.8"),
    advice="unpack it (Debian: python -m tests.servers --ensure)",
    tree=TREE,
    oldest=(11, 4),
)


def find() -> Source:
    return FLAVOUR.find()


def install() -> bool:
    """Unpack Debian's beside the older one that is installed."""
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
