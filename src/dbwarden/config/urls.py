"""Parses database URLs, masks their passwords, chooses an installed driver, and compares their targets.

Does not import SQLAlchemy, which would slow down commands that only show settings.
"""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode

from dbwarden.core.engine import ENGINES, SCHEMES, Driver, Engine
from dbwarden.core.redaction import SECRET_KEY, redacted
from dbwarden.core.suggestions import did_you_mean
from dbwarden.core.url import Url
from dbwarden.errors import InvalidUrl, MissingDriver


def parse(text: str, where: str) -> Url:
    """Parse a URL. Raises ``InvalidUrl``, whose message begins with ``where`` (file, line and setting)."""

    def refuse(reason: str) -> InvalidUrl:
        return InvalidUrl(where=where, url=redacted(text), reason=reason)

    try:
        url = Url.parse(text.strip(), decode_database=False)
    except ValueError as problem:
        raise refuse(str(problem)) from None
    if url.scheme not in SCHEMES:
        supported = ", ".join(f"{name}://" for name in ENGINES)
        raise refuse(f"the scheme '{url.scheme}' is not known (known: {supported}){did_you_mean(url.scheme, SCHEMES)}")
    if SCHEMES[url.scheme].file and url.host:
        raise refuse(f"a file takes three slashes: {url.scheme}:///{url.host}")
    return url


# -- masking ------------------------------------------------------------------------------------------------------


def secrets(url: Url) -> frozenset[str]:
    """All passwords in the URL, as typed and decoded, which must not appear in any output."""
    hidden = {value for key in url.query if re.fullmatch(SECRET_KEY, key, re.IGNORECASE) for value in url.query[key]}
    if typed := re.match(r"[^:/]*:([^@]*)@", url.rest):
        hidden |= {typed[1], url.password or ""}
    return frozenset(hidden - {""})


# -- for SQLAlchemy -----------------------------------------------------------------------------------------------


def connectable(url: Url, engine: Engine, root: Path, *, asynchronous: bool = False) -> str:
    """The URL for ``create_engine`` or, if ``asynchronous``, ``create_async_engine``: with SQLAlchemy's dialect name, an
    installed driver and an absolute path. Raises ``MissingDriver``."""
    driver = _choose_driver(url, engine, asynchronous)
    rest = _absolute(url, root) if engine.file else _translated_query(url, engine, driver)
    suffix = "" if driver.implied else f"+{driver.name}"
    return f"{driver.sqlalchemy_dialect or engine.sqlalchemy_dialect}{suffix}://{rest}"


def check_driver(url: Url, engine: Engine, where: str) -> None:
    """Raise ``InvalidUrl`` if the engine has no driver of this name."""
    supported = [driver.name for driver in engine.drivers]
    if url.driver and url.driver not in supported:
        raise InvalidUrl(
            where=where,
            url=redacted(f"{url.scheme}+{url.driver}://{url.rest}"),
            reason=f"the driver '{url.driver}' is not supported for {engine.name} (supported: {', '.join(supported)};"
            f" with {engine.schemes[0]}:// the one that is installed is taken)",
        )


def check_database(url: Url, engine: Engine, where: str) -> None:
    """Raise ``InvalidUrl`` if the URL names no database, and the engine has no default one."""
    if engine.needs_database and not url.database and "read_default_file" not in url.query:
        raise InvalidUrl(
            where=where,
            url=redacted(f"{url.scheme}://{url.rest}"),
            reason=f"the URL names no database: {engine.schemes[0]}://user@host/database",
        )


def _choose_driver(url: Url, engine: Engine, asynchronous: bool) -> Driver:
    suitable = [driver for driver in engine.drivers if (driver.asynchronous if asynchronous else driver.sync)]
    explicit = [driver for driver in suitable if driver.name == url.driver]
    installed = [driver for driver in explicit or suitable if _is_importable(driver.module)]
    if installed:
        return installed[0]
    wanted = " or ".join(dict.fromkeys(driver.package for driver in explicit or suitable)) or "a driver"
    kind = "asynchronous " if asynchronous else ""
    install = f'pip install "{engine.extra}"' if not asynchronous else f"pip install {wanted.split()[0]}"
    if explicit and not asynchronous:
        install = f"pip install {explicit[0].package}, or write {engine.schemes[0]}:// and {install}"
    raise MissingDriver(engine=engine.name, kind=kind, wanted=wanted, install=install)


def _is_importable(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the parent of a dotted name is missing
        return False


def _translated_query(url: Url, engine: Engine, driver: Driver) -> str:
    """The query for the chosen driver, if the URL names another one: parameters as that one spells them; the rest as typed."""
    source = next((candidate for candidate in engine.drivers if candidate.name == url.driver), driver)
    if source is driver or not url.query_text or not (source.own_parameters or source.spellings):
        return url.rest
    pairs = []
    for key, value in parse_qsl(url.query_text, keep_blank_values=True):
        name, values = source.spellings.get(key, (key, {}))
        if key not in source.own_parameters:
            pairs.append((name, values.get(value.lower(), value)))
    stem = url.rest[: -len(url.query_text) - 1]
    return f"{stem}?{urlencode(pairs)}" if pairs else stem


def _absolute(url: Url, root: Path) -> str:
    if in_memory(url):
        return url.rest
    prefix = "file:" if (url.database or "").startswith("file:") else ""
    path = _file(url, root).as_posix()
    return f"/{prefix}{path}" + (f"?{url.query_text}" if url.query_text else "")


def in_memory(url: Url) -> bool:
    """Whether the URL means an SQLite database in memory."""
    return url.database in (None, "", ":memory:", "file::memory:") or url.parameters.get("mode") == "memory"


def _file(url: Url, root: Path) -> Path:
    return Path(os.path.normpath(root / (url.database or "").removeprefix("file:")))


# -- the target of a URL ------------------------------------------------------------------------------------------

_LOCAL = ("", "localhost", "127.0.0.1", "::1", "0.0.0.0")


def target(url: Url, engine: Engine, root: Path) -> tuple[str, ...] | None:
    """Key that is equal for all URLs of one database, whatever their host names, default ports, drivers, users and relative
    paths; ``None`` for a database in memory, which has no other URL.
    """
    if engine.file:
        return None if in_memory(url) else (engine.family, str(_file(url, root).resolve()))
    parameters = url.parameters
    host = (url.host or parameters.get("host", "")).lower().rstrip(".")
    socket = parameters.get(engine.socket_option, "") if engine.socket_option else ""
    if socket and os.path.dirname(socket) not in engine.socket_folders:
        host = socket
    host, _, inline_port = host.rpartition(":") if re.fullmatch(r"[^:]+:\d+", host) else (host, "", "")
    port = url.port or parameters.get("port") or inline_port or engine.port
    database = url.database or parameters.get("dbname", "") or engine.database or url.username or ""
    option = rf"{engine.namespace_option}(?:=|%3D)(\S+)" if engine.namespace_option else "(?!)"
    path = re.search(option, unquote(parameters.get("options", "")), re.IGNORECASE)
    return (
        engine.family,
        "localhost" if host.rstrip("/") in (*_LOCAL, *engine.socket_folders) or host.startswith("127.") else host,
        str(port),
        unquote(database),
        path[1] if path else "",
    )
