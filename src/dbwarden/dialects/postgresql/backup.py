"""Backups with the server's own programs: argument vectors, and the password in the environment."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit, urlunsplit

from dbwarden.core.dialect import Command


def backup(url: str, target: str) -> Command:
    """``pg_dump`` in the custom format, restored with ``pg_restore``."""
    bare, password = _without_password(url)
    environment = {"PGPASSWORD": password} if password else {}
    return Command(("pg_dump", "--format=custom", f"--file={target}", f"--dbname={bare}"), environment)


def _without_password(url: str) -> tuple[str, str | None]:
    parts = urlsplit(url)
    place = parts.hostname or ""
    if ":" in place:
        place = f"[{place}]"
    if parts.port:
        place = f"{place}:{parts.port}"
    if parts.username:
        place = f"{parts.username}@{place}"
    password = unquote(parts.password) if parts.password else None
    return urlunsplit(("postgresql", place, parts.path, parts.query, "")), password
