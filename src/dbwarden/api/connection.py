"""Connections to databases of any engine that this version supports."""

from __future__ import annotations

from dbwarden import dialects
from dbwarden.core.connector import Settings
from dbwarden.runtime.connection import DatabaseConnection, open_connection
from dbwarden.runtime.idle_connections import IdleConnections


def connect(
    url: str,
    *,
    connect_timeout: float = 5.0,
    lock_timeout: float | None = None,
    statement_timeout: float | None = None,
    read_only: bool = False,
    application_name: str = "dbwarden",
    background: bool = False,
    search_path: tuple[str, ...] = (),
    idle: IdleConnections | None = None,
) -> DatabaseConnection:
    """Open a connection, or use one of ``idle``; timeouts in seconds. Raises as ``open_connection``."""
    settings = Settings(
        connect_timeout, lock_timeout, statement_timeout, read_only, application_name, background, search_path
    )
    return open_connection(url, dialects.connector, settings, idle)
