"""Other migration tools: what their configuration, files and history tables say.

Everything is read as text: no module of theirs is imported and no program of theirs is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from .project import OriginProject

NAMES = ("alembic", "django", "yoyo", "flyway", "dbmate", "existing")
"""What ``init --from`` accepts."""


def read(name: str, root: Path, environ: Mapping[str, str]) -> OriginProject:
    """Read the project of the tool ``name`` in the folder ``root``.

    Raises ``NoOrigin``, ``UnreadableOrigin`` and ``InvalidUrl``; a URL that cannot be read is ``OriginProject.no_url``.
    """
    module = import_module(f"dbwarden.origins.{name}")
    project: OriginProject = module.read(root, environ)
    return project
