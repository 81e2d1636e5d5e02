"""Differences between the hosts of a cluster, beside those between models and database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dbwarden.core.host_drift import HostDifference, HostState, host_differences
from dbwarden.errors import DatabaseError

from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class HostDrift:
    """The hosts of the cluster, and how they differ from one another."""

    cluster: str
    hosts: tuple[str, ...]
    differences: tuple[HostDifference, ...]
    """Hosts that do not answer or have other definitions, versions or macros than most."""
    note: str = ""
    """Why the hosts were not compared; empty if they were."""


def host_drift(workspace: Workspace) -> HostDrift | None:
    """Compare the hosts of the configured cluster; ``None`` without one. Reads only."""
    if not workspace.is_cluster:
        return None
    with workspace.connect(read_only=True) as conn:
        dialect = workspace.dialect_for(conn)
        cluster = dialect.cluster_of(conn)
        if cluster is None or not cluster.hosts:
            return None
        names = tuple(host.name for host in cluster.hosts)
        try:
            states = dialect.host_states(conn, cluster, lambda host: workspace.on(host).connect(read_only=True))
        except DatabaseError as error:
            return HostDrift(cluster.name, names, (), f"The hosts of the cluster were not compared: {error.message}")
    visible = _visible(workspace, states)
    return HostDrift(cluster.name, names, host_differences(visible, dialect))


def _visible(workspace: Workspace, states: Sequence[HostState]) -> list[HostState]:
    """The states without the objects that the configuration ignores; equal schemas stay one object."""
    ignored = workspace.ignored(workspace.dialect)
    hidden = {id(state.schema): ignored.hide(state.schema) for state in states if state.schema is not None}
    return [state if state.schema is None else replace(state, schema=hidden[id(state.schema)]) for state in states]
