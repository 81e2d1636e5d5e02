"""Version, flavour and settings of a server, which decide what a definition means."""

from __future__ import annotations

import re
from typing import Any

from dbwarden.core.dialect import Connection, Server
from dbwarden.core.options import Options
from dbwarden.dialects.base.catalog import catalog_query

from .charsets import charset_of

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


def server_of(conn: Connection) -> Server:
    """Flavour, version and settings of the server, in one query."""
    row = conn.query(catalog_query(__package__, "server"))[0]
    version, remark, schema, collation, letter_case, mode, explicit, engine, row_format, collations = map(as_text, row)
    flavour = "mariadb" if "mariadb" in f"{version} {remark}".lower() else "mysql"
    numbers = _VERSION.search((version or "").removeprefix("5.5.5-"))
    parts = tuple(int(part) for part in numbers.groups() if part is not None) if numbers else ()
    settings = {
        "charset": charset_of(collation) if collation else None,
        "collation": collation,
        "collations": collations or None,
        "explicit_defaults_for_timestamp": explicit,
        "engine": engine,
        "lower_case_table_names": letter_case,
        "row_format": row_format,
        "sql_mode": mode,
    }
    product = ("MariaDB " if flavour == "mariadb" else "MySQL ") + ".".join(map(str, parts))
    return Server(parts, flavour, schema, product, Options.of(settings))


def as_text(value: Any) -> Any:
    """Text of a value that some drivers return as bytes."""
    return value.decode() if isinstance(value, bytes | bytearray) else None if value is None else str(value)
