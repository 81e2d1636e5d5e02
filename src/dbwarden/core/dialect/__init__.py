"""Interfaces of a dialect, one module per role. Packages under ``dialects`` implement them; other adapters use them as types."""

from __future__ import annotations

from typing import Protocol

from .cluster import Cluster as Cluster
from .cluster import ClusterHost as ClusterHost
from .cluster import ClusterMode as ClusterMode
from .cluster import PartialExecution as PartialExecution
from .connection import Connection as Connection
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
