"""A private MariaDB: the server's program on PATH or where packages put it, else a container."""

from __future__ import annotations

import os

from tests.servers import debian, mysql_family

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

attach = mysql_family.attach
find, start, running = FLAVOUR.find, FLAVOUR.start, FLAVOUR.running
programs, crashable = FLAVOUR.programs, FLAVOUR.crashable


def install() -> bool:
    return debian.install(PACKAGES)
