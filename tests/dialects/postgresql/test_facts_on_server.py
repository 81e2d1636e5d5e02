"""What is said of each clause of ALTER TABLE beside what the server does: the lock that it takes, whether it reads all rows,
whether it writes the table anew."""

from __future__ import annotations

import pytest

from dbwarden.core.statement import Effect
from dbwarden.dialects.postgresql.dialect import PostgreSQL
from dbwarden.dialects.postgresql.locks import Lock, lock_of
from dbwarden.runtime.connection import DatabaseConnection

from .test_facts import CLAUSES

SETUP = (
    "CREATE TABLE b (id int PRIMARY KEY)",
    "CREATE TABLE t (a int DEFAULT 1, b int, c1 int)",
    "ALTER TABLE t ADD CONSTRAINT c CHECK (c1 > 0) NOT VALID",
    "INSERT INTO b VALUES (1)",
    "INSERT INTO t (a, b) SELECT 1, 1",
    "CREATE UNIQUE INDEX i ON t (a)",
    "ALTER TABLE t ADD CONSTRAINT filled CHECK (b IS NOT NULL)",
    "CREATE SCHEMA s",
)
ADAPTED = {
    # the same clause, on what the table here has
    "ADD COLUMN a int": "ADD COLUMN n int",
    "ADD a int NOT NULL DEFAULT 1": "ADD n int NOT NULL DEFAULT 1",
    "ADD a timestamptz DEFAULT now()": "ADD n timestamptz DEFAULT now()",
    "ADD a uuid DEFAULT gen_random_uuid()": "ADD n uuid DEFAULT gen_random_uuid()",
    "ADD a double precision DEFAULT 1 + random()": "ADD n double precision DEFAULT 1 + random()",
    "ADD a serial": "ADD n serial",
    "ADD a int GENERATED ALWAYS AS IDENTITY": "ADD n int GENERATED ALWAYS AS IDENTITY",
    "ADD a int GENERATED ALWAYS AS (b + 1) STORED": "ADD n int GENERATED ALWAYS AS (b + 1) STORED",
    "ADD CONSTRAINT c CHECK (a > 0)": "ADD CONSTRAINT n CHECK (a > 0)",
    "ADD CONSTRAINT c UNIQUE (a)": "ADD CONSTRAINT n UNIQUE (b)",
    "ADD CONSTRAINT c UNIQUE USING INDEX i": "ADD CONSTRAINT n UNIQUE USING INDEX i",
    "ADD EXCLUDE USING gist (a WITH &&)": "ADD EXCLUDE USING btree (a WITH =)",
    "ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES b NOT VALID": "ADD FOREIGN KEY (a) REFERENCES b NOT VALID",
    "RENAME a TO b": "RENAME a TO n",
    "RENAME TO b": "RENAME TO n",
    "RENAME CONSTRAINT a TO b": "RENAME CONSTRAINT filled TO n",
}
ELSEWHERE = (
    "ALTER a SET EXPRESSION AS (b * 2)",  # since version 17
    "SET TABLESPACE s",  # needs one
    "ATTACH PARTITION p FOR VALUES IN (1)",  # of a partitioned table
    "DETACH PARTITION p",
    "OWNER TO o",  # of the same owner
)
MODES = {"".join(part.title() for part in lock.name.split("_")) + "Lock": lock for lock in Lock}
CHECKED = [clause for clause in CLAUSES if clause not in ELSEWHERE]


@pytest.mark.parametrize("clause", CHECKED)
def test_the_server_does_what_the_facts_say(clause: str, shared: DatabaseConnection) -> None:
    sql = f"ALTER TABLE t {ADAPTED.get(clause, clause)}"
    lock, scans, rewrites = observed(shared, sql)
    facts = PostgreSQL().facts(sql)
    assert lock_of(facts) is lock, sql
    assert (Effect.REWRITES in facts.effects) == rewrites, sql
    assert (Effect.SCANS in facts.effects) == (scans and not rewrites), sql


def test_a_validated_check_saves_set_not_null_the_reading(shared: DatabaseConnection) -> None:
    assert observed(shared, "ALTER TABLE t ALTER a SET NOT NULL")[1]
    assert not observed(shared, "ALTER TABLE t ALTER b SET NOT NULL")[1]


def observed(conn: DatabaseConnection, sql: str) -> tuple[Lock, bool, bool]:
    """The strongest lock on the table, whether it was read, whether its file is another one; then everything is as before."""
    conn.begin()
    try:
        for statement in SETUP:
            conn.execute(statement)
        conn.commit()
        conn.begin()
        ((oid, file),) = conn.query("SELECT oid, pg_relation_filenode(oid) FROM pg_class WHERE oid = 't'::regclass")
        ((before,),) = conn.query(f"SELECT pg_stat_get_xact_numscans({oid})")
        conn.execute(sql)
        ((reads,),) = conn.query(f"SELECT pg_stat_get_xact_numscans({oid})")
        ((after,),) = conn.query(f"SELECT pg_relation_filenode({oid})")
        modes = conn.query(f"SELECT mode FROM pg_locks WHERE relation = {oid} AND pid = pg_backend_pid()")
        return max(MODES[str(mode)] for (mode,) in modes), reads != before, after != file
    finally:
        conn.rollback()
        for name in ("t", "b"):
            conn.execute(f"DROP TABLE IF EXISTS {name} CASCADE")
        conn.execute("DROP SCHEMA IF EXISTS s CASCADE")
