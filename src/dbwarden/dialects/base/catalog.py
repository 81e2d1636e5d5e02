"""Catalogue queries, each in a file of its own that a client such as psql can run."""

from __future__ import annotations

from functools import cache
from pkgutil import get_data  # importlib.resources would import zipfile


@cache
def catalog_query(package: str, name: str) -> str:
    """The text of ``catalog/<name>.sql`` of a dialect; ``package`` is the dialect's ``__package__``."""
    text = get_data(package, f"catalog/{name}.sql")
    assert text is not None  # every loader of an installed package has it
    return text.decode()
