"""A headless Chromium, in which the tests read the pages that the program and the documentation make.

Playwright drives it over a pipe. The browser itself comes from Debian, where the headless shell is a package of its own without
a desktop around it; Playwright would download one from a server that is neither a package index nor Debian's.
"""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

from tests.servers import debian
from tests.servers.server import Source, Unavailable

NAME = "chromium"
PACKAGES: tuple[str, ...] = ("chromium-headless-shell",)
VARIABLE = "DBWARDEN_TEST_CHROMIUM"
"""Path of another Chromium."""
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> Source:
    if find_spec("playwright") is None:
        raise Unavailable("playwright is not installed: pip install 'dbwarden[dev]'")
    named = os.environ.get(VARIABLE)
    program = next(filter(None, map(shutil.which, [named] if named else PROGRAMS)), None)
    if program is None:
        advice = f"see {VARIABLE}" if named else f"install it (Debian: apt-get install {PACKAGES[0]})"
        raise Unavailable(f"{named or 'no Chromium'} was not found; {advice}")
    return Source("program", program)


def install() -> bool:
    return debian.install(PACKAGES)
