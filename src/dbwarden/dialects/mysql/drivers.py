"""Drivers of MySQL and MariaDB: the arguments of their ``connect``, and what they say of a connection and an error.

A URL has the parameters that SQLAlchemy hands to its driver. Whatever it says, a connection commits each statement by itself,
sends text as UTF-8, takes one statement a message, counts the rows that a statement matched, and lets the server read no file
of this machine unless the URL allows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from dbwarden.core.connector import Settings
from dbwarden.core.url import Url

FOUND_ROWS = 2
"""Flag of the protocol (CLIENT_FOUND_ROWS): an UPDATE counts the rows that its WHERE clause matched."""
MULTI_STATEMENTS = 1 << 16
"""Flag of the protocol (CLIENT_MULTI_STATEMENTS)."""
OPENING_ERRORS: tuple[type[Exception], ...] = (
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    AttributeError,
)
"""Errors of ``connect`` that are not the drivers' own: a wrong file or argument in the URL, a missing package for the login."""

_NUMBERS = frozenset("read_timeout write_timeout connect_timeout client_flag max_allowed_packet port".split())
_FLAGS = frozenset(
    "ssl ssl_check_hostname ssl_verify_cert ssl_verify_identity ssl_disabled local_infile allow_local_infile compress"
    " use_unicode use_pure force_ipv6 consume_results".split()
)
_TRUE = frozenset(("1", "true", "yes", "on", "t", "y"))
_SAME = {
    "connection_timeout": "connect_timeout",
    "allow_local_infile": "local_infile",
    "socket": "unix_socket",
}
"""Parameters that one driver calls otherwise than the others."""


def _parameters(url: Url, settings: Settings) -> dict[str, Any]:
    """Parameters of a URL with the values that they stand for, by the names that PyMySQL and mysqlclient use."""
    own = {"user": url.username, "password": url.password, "host": url.host, "port": url.port, "database": url.database}
    values: dict[str, Any] = {name: value for name, value in own.items() if value}
    values["connect_timeout"] = settings.connect_timeout
    for key, text in url.parameters.items():
        name = _SAME.get(key, key)
        if name in _NUMBERS and text.isdecimal():
            values[name] = int(text)
        else:
            values[name] = text.lower() in _TRUE if name in _FLAGS else text
    values["charset"] = "utf8mb4"
    values["autocommit"] = True
    values.setdefault("local_infile", False)
    return values


def _tls(values: dict[str, Any]) -> dict[str, Any] | None:
    """Take the parameters of TLS out of ``values``, as the dictionary that PyMySQL and mysqlclient read; ``None`` if there
    are none, and the driver decides."""
    mode = str(values.pop("ssl_mode", "")).upper()
    settings = {"ca": "ssl_ca", "cert": "ssl_cert", "key": "ssl_key", "capath": "ssl_capath", "cipher": "ssl_cipher"}
    tls = {name: values.pop(key) for name, key in settings.items() if key in values}
    if (secret := values.pop("ssl_key_password", None)) is not None:
        tls["password"] = secret
    if "ssl_check_hostname" in values:
        tls["check_hostname"] = values.pop("ssl_check_hostname")
    identity, certificate = values.pop("ssl_verify_identity", None), values.pop("ssl_verify_cert", None)
    if identity is not None or mode in ("VERIFY_CA", "VERIFY_IDENTITY"):
        tls["check_hostname"] = bool(identity) or mode == "VERIFY_IDENTITY"
    if identity or certificate is not None or mode.startswith("VERIFY"):
        tls["verify_mode"] = bool(identity or certificate or mode.startswith("VERIFY"))
    if values.pop("ssl", False) or mode == "REQUIRED":
        tls.setdefault("ca", None)
    if mode == "DISABLED":
        values["ssl_disabled"] = True
    return tls or None


# -- the arguments of each driver -------------------------------------------------------------------------------------


def _pymysql(values: dict[str, Any], settings: Settings) -> dict[str, Any]:
    tls = _tls(values)
    if tls is not None:
        values["ssl"] = tls
    password = values.get("password", "")
    if any(ord(letter) > 255 for letter in password):  # PyMySQL sends Latin-1, and refuses a text that has more letters
        values["password"] = password.encode()
    values["client_flag"] = (values.get("client_flag", 0) | FOUND_ROWS) & ~MULTI_STATEMENTS
    values.setdefault("program_name", settings.application_name)
    return values


def _mysqlclient(values: dict[str, Any], settings: Settings) -> dict[str, Any]:
    if mode := values.get("ssl_mode"):
        values["ssl_mode"] = str(mode).upper()
    mode = values.pop("ssl_mode", None)
    tls = {
        key: value for key, value in (_tls(values) or {}).items() if key in ("ca", "cert", "key", "capath", "cipher")
    }
    if tls := {key: value for key, value in tls.items() if value is not None}:
        values["ssl"] = tls
    if mode:
        values["ssl_mode"] = mode
    values["client_flag"] = values.get("client_flag", 0) | FOUND_ROWS
    values["multi_statements"] = False
    values["local_infile"] = int(values["local_infile"])
    values["connect_timeout"] = max(1, round(values["connect_timeout"]))  # whole seconds
    return values


def _mysql_connector(values: dict[str, Any], settings: Settings) -> dict[str, Any]:
    flag = values.pop("client_flag", 0)
    flags = [FOUND_ROWS, -MULTI_STATEMENTS, *([flag] if flag else [])]
    values["allow_local_infile"] = values.pop("local_infile")
    values["connection_timeout"] = max(1, round(values.pop("connect_timeout")))
    if str(values.pop("ssl_mode", "")).upper() == "DISABLED":
        values["ssl_disabled"] = True
    values.pop("ssl", None)
    # Its C extension tells neither the socket nor the server's address. MariaDB does not know its default collation.
    preset = {"use_pure": True, "collation": "utf8mb4_general_ci", "buffered": True}
    attributes = {"program_name": settings.application_name}
    return preset | values | {"client_flags": flags, "conn_attrs": attributes}


def _mariadb_connector(values: dict[str, Any], settings: Settings) -> dict[str, Any]:
    values.pop("charset")  # always utf8mb4
    values["client_flag"] = values.get("client_flag", 0) | FOUND_ROWS
    values["connect_timeout"] = max(1, round(values["connect_timeout"]))
    return values


@dataclass(frozen=True, slots=True)
class DriverAdapter:
    """How one driver is called and asked."""

    arguments: Callable[[dict[str, Any], Settings], dict[str, Any]]
    """Arguments of ``connect``, from the parameters of the URL."""
    thread: Callable[[Any], int]
    """Number of the session, as the server's greeting said it."""
    handle: Callable[[Any], int | None]
    """Number of the socket."""
    covers_login: bool = True
    """Whether the limit of ``connect`` holds until the login is done."""
    fixed_collation: bool = False
    """Whether it sets the collation of the connection in place of the server's default."""


def _socket_of_connector(raw: Any) -> int | None:
    link = getattr(getattr(raw, "_socket", None), "sock", None)
    return None if link is None else int(link.fileno())


def _socket_of_pymysql(raw: Any) -> int | None:
    link = getattr(raw, "_sock", None)
    return None if link is None else int(link.fileno())


DRIVERS: Mapping[str, DriverAdapter] = {
    "pymysql": DriverAdapter(_pymysql, lambda raw: int(raw.thread_id()), _socket_of_pymysql, covers_login=False),
    "mysqldb": DriverAdapter(_mysqlclient, lambda raw: int(raw.thread_id()), lambda raw: int(raw.fileno())),
    "mysqlconnector": DriverAdapter(
        _mysql_connector,
        lambda raw: int(raw.connection_id),
        _socket_of_connector,
        covers_login=False,
        fixed_collation=True,
    ),
    "mariadbconnector": DriverAdapter(
        _mariadb_connector, lambda raw: int(raw.connection_id), lambda raw: int(raw.get_socket())
    ),
}
"""Drivers by their names in URLs."""


def arguments(url: Url, settings: Settings) -> dict[str, Any]:
    """Arguments of ``connect`` of the driver of ``url``."""
    return DRIVERS[url.driver].arguments(_parameters(url, settings), settings)


def connect_function(driver: Any) -> Callable[..., Any]:
    """The function of a driver's module that opens a connection.

    PyMySQL prefers TLS without verifying the server's certificate, and yet reads all certificates of the machine for every
    connection, which takes most of the time of connecting. Its connections share one context without certificates then.
    """
    connection_class = getattr(driver, "connections", None)
    if connection_class is None or not hasattr(connection_class.Connection, "_create_ssl_ctx"):
        connect: Callable[..., Any] = driver.connect
        return connect
    return _with_shared_context(connection_class.Connection)


@cache
def _with_shared_context(base: Any) -> Callable[..., Any]:
    """A class of PyMySQL's connections that reads no certificates where the driver would verify nothing."""

    def context_for(self: Any, tls: Any) -> Any:
        return _unverified_context() if _verifies_nothing(tls) else base._create_ssl_ctx(self, tls)

    return type(base.__name__, (base,), {"_create_ssl_ctx": context_for, "__module__": base.__module__})


def _verifies_nothing(tls: Any) -> bool:
    """Whether PyMySQL verifies neither the certificate nor the name of the server, and shows no certificate of its own."""
    return (
        isinstance(tls, dict)
        and not {name for name, value in tls.items() if value is not None} - {"check_hostname", "verify_mode"}
        and tls.get("verify_mode") in (None, False)
    )


@cache
def _unverified_context() -> Any:
    """What PyMySQL makes of no settings (``Connection._create_ssl_ctx``), but for the certificates."""
    import ssl  # deferred: only for the driver that has imported it

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def driver_of(raw: Any) -> DriverAdapter:
    """The driver that opened a connection."""
    modules = {"pymysql": "pymysql", "MySQLdb": "mysqldb", "mysql": "mysqlconnector", "mariadb": "mariadbconnector"}
    return DRIVERS[modules[type(raw).__module__.partition(".")[0]]]


def is_closed(raw: Any) -> bool:
    """Whether a connection is broken or closed. Sends nothing."""
    return not getattr(raw, "open", True) or getattr(raw, "_socket", raw) is None


# -- errors -----------------------------------------------------------------------------------------------------------

_UNKNOWN_ARGUMENT = re.compile(
    r"(?:unexpected keyword argument|Unsupported argument) '(\w+)'|'(\w+)' is an invalid keyword"
)


def error(exc: Exception) -> tuple[str | None, str]:
    """Number and message of an error: the driver's, or another one of its ``connect``."""
    number = getattr(exc, "errno", None)
    words = getattr(exc, "msg", None) or getattr(exc, "errmsg", None)
    if not isinstance(exc, OSError) and isinstance(number, int) and number > 0:
        return str(number), " ".join(str(words or exc).split())
    match exc.args:
        case (int(number), str(words)) if not isinstance(exc, OSError):
            return (str(number) if number else None), " ".join(words.split()) or "the connection is closed"
    unknown = _UNKNOWN_ARGUMENT.search(str(exc))
    if unknown is not None:
        return None, f"the driver does not know the parameter '{unknown[1] or unknown[2]}' of the URL"
    return None, " ".join(str(exc).split()) or type(exc).__name__
