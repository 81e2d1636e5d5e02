"""What every role of a dialect starts from: its name, what it can do, the server that it talks to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

from ..options import NO_OPTIONS, Options

if TYPE_CHECKING:  # what the interfaces only name: a command that connects needs none of it
    from ..sqltext import LexicalRules
    from .cluster import ClusterHost
    from .features import Features


@dataclass(frozen=True, slots=True)
class Server:
    """The server that a dialect talks to or prints for."""

    version: tuple[int, ...] = ()
    flavour: str = ""
    default_schema: str | None = None
    product: str = ""
    """Product and version in words: ``PostgreSQL 15.18``."""
    settings: Options = NO_OPTIONS
    """Settings that decide what a definition means, if known: the default charset and collation, letter case of names."""


class DialectIdentity(Protocol):
    """Identity of a dialect, shared by all roles. Pure: needs no connection."""

    @property
    def name(self) -> str:
        """Name of the engine, a key of ``core.engine.ENGINES``."""

    @property
    def features(self) -> Features: ...

    @property
    def lexical_rules(self) -> LexicalRules: ...

    @property
    def server(self) -> Server: ...

    def for_server(self, server: Server) -> Self:
        """The dialect of a certain server (version, flavour, default schema)."""

    def for_backups(self, place: str) -> Self:
        """The dialect for a database whose server saves backups itself, in ``place``. Raises ``Unsupported``."""

    def for_cluster(self, name: str) -> Self:
        """The dialect for a database on all servers of a cluster. Raises ``Unsupported``."""

    def for_host(self, host: ClusterHost, hosts: Sequence[ClusterHost]) -> Self:
        """The dialect for one of ``hosts`` that is migrated on its own. What replication brings from another host counts as
        done there."""

    def for_single_server(self) -> Self:
        """The dialect for a database that stands in for one of a cluster: a scratch or development database on one server,
        where ``execute`` leaves out what names a cluster."""

    def for_scratch(self) -> Self:
        """The dialect for a scratch database, which must not reach the objects of the real one through what they share
        outside of the database."""
