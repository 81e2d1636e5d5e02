"""The servers on which a database exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple


class ClusterMode(Enum):
    """How statements reach the servers of a cluster."""

    NONE = "none"
    """The server of the connection alone."""
    STATEMENT = "statement"
    """Each statement names the cluster (``ON CLUSTER``)."""
    DATABASE = "database"
    """The database itself is replicated, and a statement that names a cluster is an error."""


class ClusterHost(NamedTuple):
    """A server of a cluster."""

    name: str
    """Host and port, as the cluster's definition has them."""
    shard: int
    replica: int
    local: bool = False
    """Whether it is the server of the connection."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The servers on which the database exists."""

    mode: ClusterMode = ClusterMode.NONE
    name: str = ""
    """The cluster's name with macros replaced; empty if there is none."""
    hosts: tuple[ClusterHost, ...] = ()

    @property
    def shards(self) -> int:
        """Number of shards: groups of servers with the same rows."""
        return len({host.shard for host in self.hosts})


class PartialExecution(NamedTuple):
    """A statement that some hosts of a cluster have executed, and others have not."""

    executed: tuple[str, ...]
    missing: tuple[str, ...]
    since: datetime | None
    """When the statement was about to be sent, by the server's clock; ``None`` if that is not known."""
