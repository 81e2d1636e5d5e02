"""Connections to SQLite, through the standard library's ``sqlite3``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dbwarden.core.connector import Connector, DriverArguments, SessionSettings, Settings, connection_failed
from dbwarden.core.sqltext import words
from dbwarden.core.url import Url

from .failures import EXPLANATIONS, classify
from .words import LEXICAL_RULES

_WITHOUT_LIMIT = 1_000_000.0
"""Seconds that stand for no limit, because SQLite counts milliseconds in 32 bits."""
_QUERY = ("vfs", "cache", "psow", "nolock", "immutable")


def _open(url: Url, settings: Settings) -> DriverArguments:
    wait = 5.0 if settings.lock_timeout is None else settings.lock_timeout or _WITHOUT_LIMIT
    kwargs = {"timeout": wait, "isolation_level": None, "check_same_thread": False, "uri": True}
    name, mode = url.database or ":memory:", _mode(url)
    if name in (":memory:", "file::memory:") or mode == "memory":
        return DriverArguments((":memory:",), kwargs)
    query = {key: value for key, value in url.parameters.items() if key in _QUERY}
    path = Path(name.removeprefix("file:").split("?")[0] if name.startswith("file:") else name)
    _check_path(path, url, settings)
    if settings.read_only and not path.exists():
        return DriverArguments((":memory:",), kwargs, absent=str(path))
    uri = _uri(path, {"mode": "ro" if settings.read_only else mode or "rwc", **query})
    return DriverArguments((uri,), kwargs, "PRAGMA schema_version", _fallback_uri(path) if settings.read_only else "")


def _fallback_uri(path: Path) -> str:
    """URI for opening a database read-only if ``mode=ro`` fails; empty if there is none."""

    def left(suffix: str) -> bool:
        file = path.with_name(path.name + suffix)
        return file.exists() and file.stat().st_size > 0

    if left("-journal"):  # left by a killed writer: every reader has to roll it back first
        return _uri(path, {"mode": "rw"})
    # In a folder that is not writable, a WAL database has no shared memory. It can be read as immutable, but without the
    # transactions that are still in a WAL file.
    return "" if left("-wal") else _uri(path, {"mode": "ro", "immutable": "1"})


def _mode(url: Url) -> str:
    """Parameter ``mode`` of a URL with ``uri=true`` (without that, SQLAlchemy ignores it): ``ro``, ``rw``, ``rwc``,
    ``memory``."""
    parameters = url.parameters
    return (
        parameters.get("mode", "") if parameters.get("uri", "").lower() in ("true", "yes", "on", "y", "t", "1") else ""
    )


def _uri(path: Path, query: Mapping[str, str]) -> str:
    return f"file:{quote(str(path.absolute()))}?" + "&".join(f"{key}={quote(value)}" for key, value in query.items())


def _has_access(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _check_path(path: Path, url: Url, settings: Settings) -> None:
    reason = None
    if path.is_dir():
        reason = "this is a folder, not a database file"
    elif not path.parent.is_dir():
        reason = f"the folder {path.parent} does not exist"
    elif path.exists() and not _has_access(path, os.R_OK):
        reason = "no permission to read the file"
    elif not settings.read_only and not _has_access(path if path.exists() else path.parent, os.W_OK):
        reason = "the file is not writable" if path.exists() else f"the folder {path.parent} is not writable"
    elif not settings.read_only and _mode(url) == "ro":
        reason = "the URL says mode=ro, which allows no writing"
    elif not settings.read_only and _mode(url) == "rw" and not path.exists():
        reason = "the file does not exist, and mode=rw in the URL does not create it"
    if reason:
        raise connection_failed(url, reason)


def _changes_session(sql: str) -> bool:
    first = next(words(sql, LEXICAL_RULES), None)
    return first is not None and first.text.upper() in ("PRAGMA", "ATTACH", "DETACH")


def _prepare(raw: Any, settings: Settings) -> SessionSettings:
    """Let SQLite return to Python every million instructions, so that signal handlers run during a long statement."""
    raw.set_progress_handler(lambda: 0, 1_000_000)
    if settings.read_only:
        raw.execute("PRAGMA query_only = ON")
    return SessionSettings()


def _iso(value: Any) -> Any:
    """ISO 8601 text of a date and time, since Python 3.12 deprecates the driver's own adapters."""
    return value.isoformat(" ") if hasattr(value, "hour") and hasattr(value, "year") else value


CONNECTOR = Connector(
    _open,
    begin="BEGIN IMMEDIATE",
    adapt=_iso,
    prepare=_prepare,
    changes_session=_changes_session,
    code_attributes=("sqlite_errorname",),
    classify=classify,
    lexical_rules=LEXICAL_RULES,
    explanations=EXPLANATIONS,
)
