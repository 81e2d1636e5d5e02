"""A dialect in all its roles."""

from __future__ import annotations

from typing import Protocol

from .programs import ArchiveDialect, RunnerDialect
from .schema import SchemaDialect
from .scratch import ScratchDialect
from .seeds import SeedDialect
from .server import ServerDialect
from .statements import StatementDialect
from .store import StoreDialect


class Dialect(
    SchemaDialect,
    StatementDialect,
    ServerDialect,
    ScratchDialect,
    SeedDialect,
    StoreDialect,
    ArchiveDialect,
    RunnerDialect,
    Protocol,
):
    """One engine in all its roles."""
