"""A private MySQL: the server's program on PATH or where packages put it, else Debian's from the suite that has it, else a
container."""

from __future__ import annotations

import os

from tests.servers import debian, mysql_family

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

attach = mysql_family.attach
find, start, running = FLAVOUR.find, FLAVOUR.start, FLAVOUR.running
programs, crashable = FLAVOUR.programs, FLAVOUR.crashable
install = TREE.install
