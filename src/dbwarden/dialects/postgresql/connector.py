"""Connections to PostgreSQL, through psycopg 3 or 2."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Any

from dbwarden.core.connector import Connector, DriverArguments, Keepalives, SessionSettings, Settings
from dbwarden.core.sqltext import words
from dbwarden.core.tokens import calls
from dbwarden.core.url import Url
from dbwarden.dialects.base.names import literal

from .failures import classify
from .words import LEXICAL_RULES

_KEEPALIVES = Keepalives()._asdict()
"""TCP keepalives, for libpq (``keepalives_idle``) and the server (``tcp_keepalives_idle``). Either side then notices
within two minutes that the network is gone, instead of the two hours and more of most systems."""


def _open(url: Url, settings: Settings) -> DriverArguments:
    parameters = {
        "user": url.username,
        "password": url.password,
        "host": url.host,
        "port": url.port,
        "dbname": url.database,
    }
    kwargs: dict[str, Any] = {key: value for key, value in parameters.items() if value}
    kwargs |= {key: values[-1] for key, values in url.query.items()} | _several_hosts(url)
    # libpq accepts whole seconds, at least 2.
    kwargs.setdefault("connect_timeout", max(2, round(settings.connect_timeout)))
    for name, value in _KEEPALIVES.items():
        kwargs.setdefault(f"keepalives_{name}", value)
    if url.driver == "psycopg":
        # No prepared statements: a transaction pooler may run the next one in another session.
        kwargs.setdefault("prepare_threshold", None)
    return DriverArguments((), kwargs)


def _several_hosts(url: Url) -> dict[str, str]:
    """Split ``host=a:1&host=b:2`` (and ``host=a:1``, but not the folder of a socket) into libpq's lists ``host`` and ``port``."""
    hosts = url.query.get("host", ())
    if "port" in url.query or not (len(hosts) > 1 or re.fullmatch(r"[A-Za-z0-9.-]*:\d*", "".join(hosts))):
        return {}
    names, _, ports = zip(*(host.partition(":") for host in hosts), strict=True)
    return {"host": ",".join(names)} | ({"port": ",".join(ports)} if len(ports) > 1 or ports[0] else {})


def _changes_session(sql: str) -> bool:
    first = next(words(sql, LEXICAL_RULES), None)
    if first is not None and first.text.upper() in ("SET", "RESET", "DISCARD"):
        return True
    called = calls(words(sql, LEXICAL_RULES), LEXICAL_RULES) if "set_config" in sql.lower() else ()
    return any(name.rpartition(".")[2] == "set_config" for name in called)


def _prepare(raw: Any, settings: Settings) -> SessionSettings:
    """Apply the settings by SET, because PgBouncer refuses the startup packet's ``options``.

    A pooler answers the startup packet with a process number of its own (BackendKeyData; PgBouncer's is random, as it has
    no server connection yet). If the number equals ``pg_backend_pid()``, there is no pooler: the session is ours until the
    connection ends.
    """
    raw.autocommit = True
    seconds = {"lock_timeout": settings.lock_timeout, "statement_timeout": settings.statement_timeout}
    lasting = {name: str(round(value * 1000)) for name, value in seconds.items() if value is not None}
    if not raw.info.parameter_status("application_name"):  # set neither in the URL nor by PGAPPNAME
        lasting["application_name"] = settings.application_name.replace("'", "''")
    values = lasting | ({"default_transaction_read_only": "on"} if settings.read_only else {})
    path = ", ".join(map(_quoted, settings.search_path))
    made = [f"set_config('{name}', '{value}', false)" for name, value in values.items()]
    if path:
        made.append(f"set_config('search_path', {literal(path)}, false)")
    schemas = f"search_path = {path}" if path else ""
    return SessionSettings(
        settings="; ".join([*(f"SET {name} = '{value}'" for name, value in values.items()), *_set("SET", schemas)]),
        direct=f"SELECT {', '.join(made) or 'true'} WHERE pg_backend_pid() = {raw.info.backend_pid}",
        local="; ".join(
            [*(f"SET LOCAL {name} = '{value}'" for name, value in lasting.items()), *_set("SET LOCAL", schemas)]
        ),
        optional=() if settings.read_only else tuple(_liveness(raw)),
        restore=("RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL"),
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _set(command: str, assignment: str) -> tuple[str, ...]:
    return (f"{command} {assignment}",) if assignment else ()


def _liveness(raw: Any) -> Iterator[str]:
    """Settings by which the server notices that its client is gone, and ends the session with its locks."""
    if not (raw.info.host or "").startswith("/"):  # through a Unix socket the server knows at once
        # Shorter times that the server, the role or the database has stay as they are; 0 means the system's.
        yield "SELECT " + ", ".join(
            f"set_config('{name}', least(nullif(current_setting('{name}')::int, 0), {value})::text, false)"
            for name, value in ((f"tcp_keepalives_{key}", value) for key, value in _KEEPALIVES.items())
        )
    if raw.info.server_version >= 140000:
        # The server ends a statement within a second after its client was killed. Windows refuses it.
        yield "SET client_connection_check_interval = 1000"


_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""SSLRequest, which every server and pooler answers with one byte before the login (protocol 3.0, "SSL Session
Encryption")."""

_RECYCLE = (
    "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; DEALLOCATE ALL; CLOSE ALL; UNLISTEN *;"
    " SELECT pg_advisory_unlock_all(); DISCARD PLANS; DISCARD TEMP; DISCARD SEQUENCES"
)
"""What DISCARD ALL does, which cannot be sent with other statements, as one message (PostgreSQL 17, DISCARD)."""

CONNECTOR = Connector(
    _open,
    recycle=_RECYCLE,
    is_idle=lambda raw: not raw.closed and raw.info.transaction_status == 0,
    begin_read_only="BEGIN READ ONLY",
    prepare=_prepare,
    changes_session=_changes_session,
    patience="SET lock_timeout = 0",
    local_patience="SET LOCAL lock_timeout = 0",
    networked=True,
    greeting=_SSL_REQUEST,
    code_attributes=("sqlstate", "pgcode"),
    classify=classify,
    lexical_rules=LEXICAL_RULES,
)
