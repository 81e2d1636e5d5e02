"""Connections to MySQL and MariaDB."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

from dbwarden.core.connector import (
    Connector,
    DriverArguments,
    Keepalives,
    SessionSettings,
    Settings,
    connection_failed,
)
from dbwarden.core.sqltext import TokenKind, words
from dbwarden.core.url import Url

from .driver_import import driver
from .drivers import DRIVERS, OPENING_ERRORS, arguments, connect_function, driver_of, error, is_closed
from .failures import classify
from .words import LEXICAL_RULES, quote

_WITHOUT_LIMIT = 31_536_000
"""Seconds of a year, the longest ``lock_wait_timeout``."""


def _open(url: Url, settings: Settings) -> DriverArguments:
    for name in ("ssl_ca", "ssl_cert", "ssl_key", "ssl_capath", "read_default_file"):
        path = url.parameters.get(name)
        if path and not Path(path).expanduser().exists():
            raise connection_failed(url, f"the file {path} of the parameter {name} does not exist")
    deadline = None if DRIVERS[url.driver].covers_login else settings.connect_timeout
    return DriverArguments((), arguments(url, settings), deadline=deadline)


# -- the session ------------------------------------------------------------------------------------------------------


def _prepare(raw: Any, settings: Settings) -> SessionSettings:
    """Ask the server who it is.

    Its greeting has the number of the session. If ``CONNECTION_ID()`` differs from it, a proxy said the greeting, and may
    give each transaction another session of the server (ProxySQL and MaxScale answer the plain query
    ``SELECT CONNECTION_ID()`` themselves, by documentation). Numbers of the greeting have 32 bits.
    """
    cursor = raw.cursor()
    try:
        cursor.execute("SELECT CONNECTION_ID(), VERSION(), DATABASE(), CURRENT_ROLE()")
        ((number, version, database, role),) = cursor.fetchall()
    finally:
        cursor.close()
    is_mariadb = "mariadb" in str(version).lower()
    shared = int(number) % 2**32 != driver_of(raw).thread(raw) % 2**32
    limits = _limits(settings, is_mariadb)
    lasting = (
        ["NAMES utf8mb4"] if driver_of(raw).fixed_collation else []
    )  # the server has its own default for the charset
    lasting += limits
    if settings.read_only:
        lasting.append(f"SESSION {'tx_read_only' if is_mariadb else 'transaction_read_only'} = ON")
    return SessionSettings(
        settings=_set(lasting),
        shared=shared,
        local=_set(limits),
        restore=(
            *([f"USE {quote(database)}"] if database else []),
            f"SET ROLE {quote(role) if role else 'NONE'}" if is_mariadb else "SET ROLE DEFAULT",
            "SET NAMES utf8mb4",
            _set(_restored(is_mariadb)),
        ),
    )


def _set(assignments: list[str]) -> str:
    return f"SET {', '.join(assignments)}" if assignments else ""


def _limits(settings: Settings, is_mariadb: bool) -> list[str]:
    """Assignments of the time limits. The wait for the lock of a table's definition, and that for the lock of a row, are two
    settings, in whole seconds from 1. MySQL limits the time of a SELECT only."""
    limits = []
    if settings.lock_timeout is not None:
        seconds = max(1, math.ceil(settings.lock_timeout)) if settings.lock_timeout else _WITHOUT_LIMIT
        limits += [f"SESSION lock_wait_timeout = {seconds}", f"SESSION innodb_lock_wait_timeout = {seconds}"]
    if settings.statement_timeout is not None:
        milliseconds = round(settings.statement_timeout * 1000)
        limits.append(
            f"SESSION max_statement_time = {milliseconds / 1000:g}"
            if is_mariadb
            else f"SESSION max_execution_time = {milliseconds}"
        )
    return limits


_RESTORED = (
    "sql_mode time_zone foreign_key_checks unique_checks sql_safe_updates sql_auto_is_null sql_select_limit sql_notes"
    " sql_quote_show_create group_concat_max_len default_storage_engine default_tmp_storage_engine default_week_format"
    " div_precision_increment lc_time_names max_join_size max_sort_length"
    " optimizer_switch sql_big_selects updatable_views_with_limit lock_wait_timeout"
    " innodb_lock_wait_timeout net_read_timeout net_write_timeout wait_timeout"
).split()
_RESTORED_BY_FLAVOUR = {
    True: "check_constraint_checks max_statement_time tx_isolation tx_read_only".split(),
    False: "max_execution_time information_schema_stats_expiry transaction_isolation transaction_read_only".split(),
}
"""Session variables that a migration may set without a special privilege, and on which statements depend."""


def _restored(is_mariadb: bool) -> list[str]:
    """Assignments of the server's values. ``DEFAULT`` would switch ``foreign_key_checks`` off on MySQL 9.7."""
    names = (*_RESTORED, *_RESTORED_BY_FLAVOUR[is_mariadb])
    return ["SESSION timestamp = DEFAULT", *(f"SESSION {name} = @@GLOBAL.{name}" for name in names)]


_SESSION_WORDS = frozenset(("SET", "USE", "PREPARE", "DEALLOCATE"))
_SERVER_WORDS = frozenset(("GLOBAL", "PERSIST", "PERSIST_ONLY", "PASSWORD", "DEFAULT", "RESOURCE"))
"""Words after SET that do not change the session."""
_INTO_VARIABLE = re.compile(r"\bINTO\s+@\w|@\w+\s*:=", re.IGNORECASE)


def _changes_session(sql: str) -> bool:
    plain = (
        token for token in words(sql, LEXICAL_RULES) if token.kind is not TokenKind.OPERATOR
    )  # /*!40101 SET ... */
    first, second = next(plain, None), next(plain, None)
    if first is not None and first.text.upper() in _SESSION_WORDS:
        return not (first.text.upper() == "SET" and second is not None and second.text.upper() in _SERVER_WORDS)
    return "@" in sql and _INTO_VARIABLE.search(sql) is not None


CONNECTOR = Connector(
    _open,
    driver=driver,
    connect_function=connect_function,
    begin="START TRANSACTION",
    begin_read_only="START TRANSACTION READ ONLY",
    prepare=_prepare,
    changes_session=_changes_session,
    statement_batches=False,
    several_results=True,
    patience=f"SET SESSION lock_wait_timeout = {_WITHOUT_LIMIT}, SESSION innodb_lock_wait_timeout = {_WITHOUT_LIMIT}",
    networked=True,
    handle=lambda raw: driver_of(raw).handle(raw),
    keepalives=Keepalives(),
    cancel=lambda raw: f"KILL QUERY {driver_of(raw).thread(raw)}",
    is_closed=is_closed,
    error=error,
    opening_errors=OPENING_ERRORS,
    classify=classify,
    lexical_rules=LEXICAL_RULES,
)
