"""MariaDB's system-versioned tables and application-time periods are read whole, and created again as they were."""

from __future__ import annotations

import pytest

from dbwarden.core.dialect import Prefs, Scope
from dbwarden.core.model import Check, Schema, Table
from dbwarden.core.plan import pair, plan
from dbwarden.core.types import Ref

from .conftest import Flavour

TABLES = {
    "versioned": "CREATE TABLE t (id INT PRIMARY KEY, n INT) WITH SYSTEM VERSIONING",
    "its columns": "CREATE TABLE t (id INT PRIMARY KEY, a TIMESTAMP(6) GENERATED ALWAYS AS ROW START,"
    " b TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b)) WITH SYSTEM VERSIONING",
    "a period": "CREATE TABLE t (id INT PRIMARY KEY, since DATE, till DATE, PERIOD FOR valid (since, till),"
    " CHECK (till < '2100-01-01'))",
    "a unique key": "CREATE TABLE t (id INT, since DATE, till DATE, PERIOD FOR `va lid` (since, till),"
    " UNIQUE (id, `va lid` WITHOUT OVERLAPS))",
    "a primary key": "CREATE TABLE t (id INT, since DATE, till DATE, PERIOD FOR valid (since, till),"
    " PRIMARY KEY (id, valid WITHOUT OVERLAPS))",
}


@pytest.mark.parametrize("flavour", ["mariadb"], indirect=True)
@pytest.mark.parametrize("what", TABLES)
def test_tables_with_periods_come_back(flavour: Flavour, what: str) -> None:
    conn = flavour.conn
    conn.execute(TABLES[what])
    schema, shown = flavour.dialect.inspect(conn, Scope()), conn.query("SHOW CREATE TABLE t")
    both = pair(schema, Schema(), [ref for ref, item in schema.items() if not item.derived])
    steps = plan(both, flavour.dialect, Prefs())
    for sql in (*steps.upgrade(), *steps.rollback()):
        conn.execute(sql)
    assert conn.query("SHOW CREATE TABLE t") == shown
    assert flavour.dialect.inspect(conn, Scope()) == schema


def test_a_check_that_looks_like_a_period_is_a_check(flavour: Flavour) -> None:
    flavour.conn.execute("CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, CONSTRAINT less CHECK (a < b))")
    schema = flavour.dialect.inspect(flavour.conn, Scope())
    table = schema.get(Ref("table", "t"))
    assert isinstance(table, Table) and table.options.get("periods") is None
    assert [item.name for item in schema.objects() if isinstance(item, Check)] == ["less"]
