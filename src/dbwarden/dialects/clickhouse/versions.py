"""What earlier servers lack, by the version that had it first (changelogs of ClickHouse; 18.16 was measured).

The definition of a table has been in one text, ``system.tables.create_table_query``, since 18.1, so that one inspector serves
all versions. All that differs by version is here, and asked for with ``has``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dbwarden.core.dialect import Connection, Features
from dbwarden.errors import DatabaseError, Failure

Version = tuple[int, ...]

FAIL_REASON: Version = (19, 3)
"""``KILL MUTATION``, and ``system.mutations.latest_fail_reason``."""
DATETIME64: Version = (20, 1)
"""Type ``DateTime64``, function ``now64``; times have seconds before."""
CLUSTER_ALL_REPLICAS: Version = (20, 1)
"""Table function ``clusterAllReplicas``."""
ATOMIC: Version = (20, 10)
"""Database engine ``Atomic``, and with it ``DROP ... SYNC`` and ``{uuid}`` in paths."""
PATH_MACROS: Version = (20, 10)
"""Macros ``{database}`` and ``{table}`` in the path of a replicated table, which do not come from the configuration."""
BOOL: Version = (21, 12)
"""Type ``Bool``, and the words ``true`` and ``false`` as values of it."""
TABLE_SIZES: Version = (22, 9)
"""Columns ``total_rows``, ``total_bytes`` and ``has_own_data`` of ``system.tables``."""
KEEPER_MAP: Version = (22, 11)
"""Table engine ``KeeperMap``."""
TABLE_DEPENDENCIES: Version = (23, 1)
"""Setting ``check_table_dependencies``."""
FORMAT_QUERY: Version = (23, 11)
"""Functions ``formatQuery`` and ``formatQuerySingleLine``."""
SERVER_OBJECTS: Version = (23, 3)
"""``system.functions`` with the definitions of SQL functions, and ``system.named_collections``."""

MICROSECONDS = "now64(6, 'UTC')"
_TYPES = {
    "integer": "Int64",
    "double": "Float64",
    "timestamp": "DateTime64(6, 'UTC')",
    "name": "String",
    "text": "String",
    "boolean": "Bool",
    "owner": "String",
}
"""Types of our own tables, by the words of ``core.own_tables``."""


_NUMBER = re.compile(r"\d+")


def parsed(text: str) -> Version:
    """The numbers of ``version()``."""
    return tuple(int(part) for part in _NUMBER.findall(text)[:4])


def has(version: Version, since: Version) -> bool:
    """Whether a server has what came with the version ``since``; an unknown server has everything."""
    return not version or version >= since


def own_types(version: Version) -> Mapping[str, str]:
    """Types of our own tables."""
    times = {} if has(version, DATETIME64) else {"timestamp": "DateTime('UTC')"}
    return {**_TYPES, **times, **({} if has(version, BOOL) else {"boolean": "UInt8"})}


def now(version: Version) -> str:
    """Expression for the present time in UTC, as exact as the version allows."""
    return MICROSECONDS if has(version, DATETIME64) else "toTimeZone(now(), 'UTC')"


def of_version(features: Features, version: Version) -> Features:
    """The features of a server."""
    return features if has(version, DATETIME64) else replace(features, now=now(version))


def query_with_column(conn: Connection, sql: str, column: str, substitute: str) -> Sequence[tuple[Any, ...]]:
    """The rows of a query of a system table, with ``column`` in the place of ``{}``, or where the server lacks it with
    ``substitute``. For callers that do not know the version."""
    try:
        return conn.query(sql.replace("{}", column))
    except DatabaseError as error:
        if error.failure is not Failure.MISSING_COLUMN:
            raise
        return conn.query(sql.replace("{}", substitute))
