"""Diagnoses of a ClickHouse server and of the account that connects."""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core.diagnosis import Diagnosis, Grade
from dbwarden.core.dialect import Connection, Server
from dbwarden.dialects.base import health
from dbwarden.dialects.base.catalog import catalog_query

_OLDEST = (23, 3)


def diagnose(conn: Connection, server: Server) -> Iterator[Diagnosis]:
    """Version, settings that forbid changes, and stuck mutations, in two queries. Raises ``DatabaseError``."""
    account, database, seconds, allowed = conn.query(catalog_query(__package__, "health"))[0]
    yield health.version(server, _OLDEST)
    yield health.clock(float(seconds))
    if int(allowed):
        yield health.privileges(str(account), f"the database {database}", [], "")
    else:
        yield Diagnosis(
            "privileges",
            Grade.PROBLEM,
            f"the settings of {account} forbid CREATE, ALTER and DROP (allow_ddl)",
            "connect with an account whose profile has allow_ddl = 1",
        )
    for table, mutation, reason in conn.query(catalog_query(__package__, "health_mutations")):
        yield Diagnosis(
            "mutations",
            Grade.WARNING,
            f"the mutation {mutation} of {table} fails again and again: {str(reason).partition(chr(10))[0]}",
            f"`KILL MUTATION WHERE database = currentDatabase() AND mutation_id = '{mutation}';`, or mend its cause",
        )
