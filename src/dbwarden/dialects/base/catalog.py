"""Catalogue queries, each in a file of its own that a client such as psql can run."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def catalog_query(package: str, name: str) -> str:
    """The text of ``catalog/<name>.sql`` of a dialect; ``package`` is the dialect's ``__package__``."""
    return files(package).joinpath("catalog", f"{name}.sql").read_text(encoding="utf-8")
