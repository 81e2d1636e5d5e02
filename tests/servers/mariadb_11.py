"""A private MariaDB of the present long-term series: an installed one that is new enough, else Debian's from the suite that has
it, else a container."""

from __future__ import annotations

import os

from tests.servers import debian, mysql_family

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

attach = mysql_family.attach
find, start, running = FLAVOUR.find, FLAVOUR.start, FLAVOUR.running
install = TREE.install
