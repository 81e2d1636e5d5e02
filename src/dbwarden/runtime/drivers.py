"""Choice of the installed driver for a URL."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from dbwarden.core.engine import SCHEMES, SUPPORTED, Driver
from dbwarden.core.url import Url
from dbwarden.errors import ConfigurationError, MissingDriver


def resolve_url(text: str) -> Url:
    """Parse a URL and choose an installed synchronous driver; ``scheme`` of the result is the engine's name.

    Raises ``MissingDriver`` with the extra to install, ``ConfigurationError`` for a URL that cannot be read.
    """
    try:
        url = Url.parse(text, decode_database="%" in text and _decodes_database())
    except ValueError:
        # The message does not repeat the text, which may contain a password.
        expected = "scheme://user:password@host:port/name"
        raise ConfigurationError(f"The database URL cannot be read; expected {expected}.") from None
    engine = SCHEMES.get(url.scheme)
    if engine is None or engine.name not in SUPPORTED:
        raise ConfigurationError(
            f"Database URLs of the kind {url.scheme}:// are not supported by this version.",
            hint=f"Supported: {', '.join(f'{name}://' for name in SUPPORTED)}.",
        )
    drivers = engine.sync_drivers
    candidates = [drivers[url.driver]] if url.driver in drivers else list(drivers.values())
    for driver in candidates:
        if _is_importable(driver.module):
            return replace(url, scheme=engine.name, driver=driver.name)
    wanted = " or ".join(driver.module for driver in candidates)
    raise MissingDriver(engine=engine.name, kind="", wanted=wanted, install=f'pip install "{engine.extra}"')


def _is_importable(module: str) -> bool:
    package, _, submodule = module.partition(".")
    return find_spec(package) is not None and (not submodule or find_spec(module) is not None)


def dbapi(url: Url) -> Any:
    """The module of the driver that a URL from ``resolve_url`` names."""
    return import_module(_row(url).module)


def doubles_percent(url: Url) -> bool:
    """Whether that driver wants percent signs doubled in a statement with parameters."""
    return _row(url).doubles_percent


def _row(url: Url) -> Driver:
    return SCHEMES[url.scheme].sync_drivers[url.driver]


def _decodes_database() -> bool:
    """Whether the installed SQLAlchemy decodes ``%`` in the database's name (since 2.1): we must open the same database."""
    from importlib.metadata import version  # deferred: slow to import, and few URLs hold a %

    return tuple(int(number) for number in version("sqlalchemy").split(".")[:2]) >= (2, 1)
