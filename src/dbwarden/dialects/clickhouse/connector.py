"""Connections to ClickHouse."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

from dbwarden.core.connector import Connector, DriverArguments, Keepalives, Settings
from dbwarden.core.url import Url

from .endpoint import endpoint, is_secure, server_settings
from .failures import classify
from .session import changes_session
from .words import LEXICAL_RULES

_NATIVE = "native"
_NATIVE_PARAMETERS = frozenset(
    "verify ca_certs ciphers certfile keyfile alt_hosts compression server_hostname client_name".split()
)


_CLUSTER_SETTINGS = {"distributed_ddl_output_mode": "throw", "distributed_ddl_task_timeout": "5"}
"""Settings for ON CLUSTER: another mode may hide the error of a host, and after a short time we follow the queue ourselves
(``ddl_queue``)."""

_WHOLE_INSERTS = "insert_distributed_sync"  # distributed_foreground_insert since 23.11, which takes this name too
"""Setting by which an INSERT into a Distributed table ends when all shards have its rows. Otherwise they come at some later
time, when statements behind it may have run already."""


def _driver(url: Url) -> ModuleType:
    """Driver for the protocol of a URL: a module of this package, around the driver that is installed."""
    if url.driver == _NATIVE:
        from . import native_driver

        return native_driver
    from . import http_driver

    return http_driver


def _open(url: Url, settings: Settings) -> DriverArguments:
    arguments: dict[str, Any] = {"settings": _settings(settings), "connect_timeout": settings.connect_timeout}
    if url.driver == _NATIVE:
        arguments["arguments"] = _native_arguments(url, settings)
    else:
        arguments |= {"endpoint": endpoint(url), "agent": settings.application_name}
    return DriverArguments((), arguments, deadline=settings.connect_timeout + 1)


def _settings(settings: Settings) -> dict[str, str]:
    """Settings that go with each statement. ``readonly = 2`` forbids all but reading and settings."""
    values = dict[str, str]()
    if settings.lock_timeout:
        values["lock_acquire_timeout"] = str(max(1, math.ceil(settings.lock_timeout)))
    if settings.statement_timeout is not None:
        values["max_execution_time"] = str(max(1, math.ceil(settings.statement_timeout)))
    if settings.background:
        values |= {"alter_sync": "0", "mutations_sync": "0", _WHOLE_INSERTS: "1"}
    if not settings.read_only:
        values |= _CLUSTER_SETTINGS
    if settings.read_only:
        values["readonly"] = "2"
    return values


def _native_arguments(url: Url, settings: Settings) -> dict[str, Any]:
    parameters = url.parameters
    own = {"host": url.host or "localhost", "port": url.port, "database": url.database, "user": url.username}
    arguments: dict[str, Any] = {name: value for name, value in own.items() if value}
    arguments |= {name: value for name, value in parameters.items() if name in _NATIVE_PARAMETERS}
    if "verify" in arguments:
        arguments["verify"] = arguments["verify"].lower() in ("1", "true", "yes", "on")
    arguments |= {"password": url.password or "", "secure": is_secure(url), "settings": server_settings(url)}
    arguments.setdefault("client_name", settings.application_name)
    return arguments


def _handle(raw: Any) -> int | None:
    return None if raw.socket is None else int(raw.socket.fileno())


def _error(exc: Exception) -> tuple[str | None, str]:
    """Number and message of an error."""
    return getattr(exc, "code", None), " ".join(str(exc).split()) or type(exc).__name__


CONNECTOR = Connector(
    _open,
    driver=_driver,
    begin="",
    begin_read_only="",
    commit="",
    rollback="",
    changes_session=changes_session,
    reset=lambda raw: raw.forget_session(),
    reopen=lambda raw: bool(raw.reopen()),
    statement_batches=False,
    networked=True,
    handle=_handle,
    greeting=b"GET /ping HTTP/1.0\r\n\r\n",
    keepalives=Keepalives(),
    cancel=lambda raw: f"KILL QUERY WHERE query_id = '{raw.query_id}'",
    is_closed=lambda raw: bool(raw.closed),
    error=_error,
    opening_errors=(OSError,),
    classify=classify,
    lexical_rules=LEXICAL_RULES,
)
"""Drivers for ClickHouse: HTTP needs no package, the native protocol needs ``clickhouse-driver``."""
