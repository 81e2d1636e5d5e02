"""Interfaces of a dialect, one module per role. Packages under ``dialects`` implement them; other adapters use them as types.

The module of a name is imported when the name is first used: at run time, most commands need the features and little else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cluster import Cluster as Cluster
    from .cluster import ClusterHost as ClusterHost
    from .cluster import ClusterMode as ClusterMode
    from .cluster import PartialExecution as PartialExecution
    from .connection import Connection as Connection
    from .dialect import Dialect as Dialect
    from .features import INTERIM_PREFIX as INTERIM_PREFIX
    from .features import OWN_PREFIX as OWN_PREFIX
    from .features import REPLACED_PREFIX as REPLACED_PREFIX
    from .features import SCRATCH_PREFIX as SCRATCH_PREFIX
    from .features import Features as Features
    from .identity import DialectIdentity as DialectIdentity
    from .identity import Server as Server
    from .native_lock import Holder as Holder
    from .native_lock import Liveness as Liveness
    from .native_lock import NativeLock as NativeLock
    from .programs import ArchiveDialect as ArchiveDialect
    from .programs import RunnerDialect as RunnerDialect
    from .schema import ColumnAttributes as ColumnAttributes
    from .schema import Prefs as Prefs
    from .schema import SchemaDialect as SchemaDialect
    from .scratch import ScratchDialect as ScratchDialect
    from .scratch import ScratchProvider as ScratchProvider
    from .scratch import ScratchRequest as ScratchRequest
    from .scratch import Transfer as Transfer
    from .seeds import SeedDialect as SeedDialect
    from .server import Scope as Scope
    from .server import ServerDialect as ServerDialect
    from .server import Size as Size
    from .server import SuspendedWork as SuspendedWork
    from .server import TransactionHooks as TransactionHooks
    from .statements import MergedRows as MergedRows
    from .statements import StatementDialect as StatementDialect
    from .store import StoreDialect as StoreDialect

_PLACES = {
    "cluster": (
        "Cluster",
        "ClusterHost",
        "ClusterMode",
        "PartialExecution",
    ),
    "connection": ("Connection",),
    "dialect": ("Dialect",),
    "features": (
        "INTERIM_PREFIX",
        "OWN_PREFIX",
        "REPLACED_PREFIX",
        "SCRATCH_PREFIX",
        "Features",
    ),
    "identity": (
        "DialectIdentity",
        "Server",
    ),
    "native_lock": (
        "Holder",
        "Liveness",
        "NativeLock",
    ),
    "programs": (
        "ArchiveDialect",
        "RunnerDialect",
    ),
    "schema": (
        "ColumnAttributes",
        "Prefs",
        "SchemaDialect",
    ),
    "scratch": (
        "ScratchDialect",
        "ScratchProvider",
        "ScratchRequest",
        "Transfer",
    ),
    "seeds": ("SeedDialect",),
    "server": (
        "Scope",
        "ServerDialect",
        "Size",
        "SuspendedWork",
        "TransactionHooks",
    ),
    "statements": (
        "MergedRows",
        "StatementDialect",
    ),
    "store": ("StoreDialect",),
}
_HOMES = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
