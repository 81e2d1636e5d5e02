"""Version, flavour and current schema of a server, and the role of the session."""

from __future__ import annotations

from dbwarden.core.dialect import Connection, Server
from dbwarden.core.options import Options


def server_of(conn: Connection) -> Server:
    """Version, current schema and role of the session, in one query."""
    row = conn.query(
        "SELECT current_setting('server_version_num')::int4, current_schema()::text,"
        " current_setting('server_version'), version(), current_user::text"
    )[0]
    number = int(row[0])
    product = "PostgreSQL " + str(row[2]).split(" ")[0]
    flavour = "cockroach" if "CockroachDB" in str(row[3]) else ""
    return Server((number // 10000, number % 10000), flavour, row[1], product, Options.of({"role": row[4]}))
