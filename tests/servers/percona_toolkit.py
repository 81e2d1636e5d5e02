"""pt-online-schema-change, a program that changes a large table of MySQL or MariaDB while it is in use."""

from __future__ import annotations

import shutil

from tests.servers import debian
from tests.servers.server import Source, Unavailable

NAME = "pt-online-schema-change"
PACKAGES: tuple[str, ...] = ("percona-toolkit",)


def find() -> Source:
    program = shutil.which(NAME)
    if program is None:
        raise Unavailable(f"{NAME} was not found; install it (Debian: apt-get install {PACKAGES[0]})")
    return Source("program", program)


def install() -> bool:
    return debian.install(PACKAGES)
