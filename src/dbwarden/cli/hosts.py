"""Differences between the hosts of a cluster, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .view import View, counted

if TYPE_CHECKING:
    from dbwarden.api.host_drift import HostDrift


def show_host_drift(view: View, drift: HostDrift | None) -> None:
    """Show how the hosts differ; one line if they do not, nothing without a cluster."""
    if drift is None:
        return
    if drift.note:
        view.warning(drift.note)
    elif drift.differences:
        number = counted(len(drift.differences), "difference")
        view.line(f"{number} between the hosts of the cluster {drift.cluster}:")
        for difference in drift.differences:
            view.line(f"  {difference}")
    else:
        view.line(f"The {counted(len(drift.hosts), 'host')} of the cluster {drift.cluster} agree.")
