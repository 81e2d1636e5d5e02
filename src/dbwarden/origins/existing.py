"""A database that no known tool migrates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .project import OriginProject


def read(root: Path, environ: Mapping[str, str]) -> OriginProject:
    """A project without files: only the URL matters."""
    return OriginProject("the existing database", no_url="`--from existing` needs --url")
