"""Packages of extras, which a user may not have installed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from dbwarden.errors import MissingPackage


@contextmanager
def packages_of_extra(extra: str, names: Collection[str], purpose: str) -> Iterator[None]:
    """Raise ``MissingPackage`` if a package of these names cannot be imported in the block."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in names:
            raise
        raise MissingPackage(purpose=purpose, package=package, extra=extra) from error
