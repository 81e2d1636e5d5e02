"""Expressions whose keys differ are printed by the server, in a temporary table that leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbwarden.api.connection import connect
from dbwarden.core.dialect import Scope
from dbwarden.core.diff import diff
from dbwarden.core.model import Check, Computed, Index, IndexElement, Schema, Table
from dbwarden.core.types import Expression, Ref
from dbwarden.errors import DatabaseError

from .conftest import Flavour

T = Ref("table", "t")
# Texts that differ from what the servers make of them in more than spelling.
TABLE = """CREATE TABLE t (n int, m int, s varchar(20), d datetime DEFAULT (now() - interval 1 day),
  g int AS (timestampdiff(SQL_TSI_DAY, d, '2020-01-01')), CONSTRAINT truth CHECK (! n), CONSTRAINT kept CHECK (n > 0))"""
FUNCTIONAL = "CREATE INDEX functional ON t ((ifnull(s, char(65 using utf8mb4))), m DESC)"


def written(flavour: Flavour, there: Schema, *more: Check) -> Schema:
    """The same objects as a person writes them."""
    columns = dict(there.table(T).columns)
    columns["g"] = replace(
        columns["g"], computed=Computed(Expression("TIMESTAMPDIFF(DAY, `d`, CAST('2020-01-01' AS CHAR))"), False)
    )
    columns["d"] = replace(columns["d"], default=Expression("(date_sub(now(), interval 1 day))"))
    objects = [replace(there.table(T), columns=columns), Check(T, "truth", Expression("! n")),
               Check(T, "kept", Expression("(n>0)")), *more]  # fmt: skip
    if flavour.name == "mysql":
        keys = (IndexElement(None, Expression("ifnull(s, char(65 using utf8mb4))")), IndexElement("m", descending=True))
        objects.append(Index(T, "functional", keys))
    return flavour.dialect.canonical(Schema(objects))


@pytest.fixture
def there(flavour: Flavour) -> Schema:
    flavour.conn.execute(TABLE)
    if flavour.name == "mysql":
        flavour.conn.execute(FUNCTIONAL)
    return flavour.dialect.inspect(flavour.conn, Scope())


def names(current: Schema, desired: Schema) -> set[str]:
    return {change.ref.name for change in diff(current, desired)}


def test_expressions_with_the_servers_form_are_equal(flavour: Flavour, there: Schema) -> None:
    desired = written(flavour, there)
    before = names(there, desired)
    start = flavour.conn.sent
    normalized = flavour.dialect.normalize_on_server(flavour.conn, there, desired, [T])
    assert flavour.conn.sent - start == 3
    assert names(there, normalized) < before
    assert names(there, normalized) <= {"g"}  # a cast that is written stays
    former, same = desired.get(Ref("check", "kept", None, "t")), normalized.get(Ref("check", "kept", None, "t"))
    assert same is former
    truth = normalized.get(Ref("check", "truth", None, "t"))
    assert isinstance(truth, Check) and truth.expression.text == "! n"


def test_an_expression_that_the_server_refuses_does_not_hide_the_others(flavour: Flavour, there: Schema) -> None:
    desired = written(flavour, there, Check(T, "broken", Expression("nonsense(((")))
    normalized = flavour.dialect.normalize_on_server(flavour.conn, there, desired, [T])
    assert names(there, normalized) <= {"g", "broken"}
    assert "broken" in names(there, normalized)


def test_nothing_is_left_behind(flavour: Flavour, there: Schema) -> None:
    before = flavour.conn.query("SHOW FULL TABLES"), flavour.conn.query("SELECT @@sql_mode")
    desired = written(flavour, there, Check(T, "broken", Expression("nonsense(((")))
    flavour.dialect.normalize_on_server(flavour.conn, there, desired, [T])
    with pytest.raises(DatabaseError):
        flavour.conn.query("SELECT * FROM dbwarden_normalized")
    after = flavour.conn.query("SHOW FULL TABLES"), flavour.conn.query("SELECT @@sql_mode")
    assert after == before
    assert flavour.dialect.inspect(flavour.conn, Scope()) == there


def test_without_the_right_the_error_says_so(flavour: Flavour, there: Schema) -> None:
    name = flavour.dialect.server.default_schema
    account = f"reader_{name}"[:30]
    flavour.conn.execute(f"CREATE USER {account} IDENTIFIED BY 'Secret-1'")
    try:
        flavour.conn.execute(f"GRANT SELECT ON {name}.* TO {account}")
        host = flavour.url.rpartition("@")[2]
        with (
            connect(f"{flavour.name}://{account}:Secret-1@{host}") as conn,
            pytest.raises(DatabaseError, match="denied"),
        ):
            flavour.dialect.normalize_on_server(conn, there, written(flavour, there), [T])
    finally:
        flavour.conn.execute(f"DROP USER {account}")


def test_what_is_no_table_is_left_alone(flavour: Flavour) -> None:
    schema = Schema([Table.of("t", [])])
    start = flavour.conn.sent
    assert flavour.dialect.normalize_on_server(flavour.conn, schema, schema, [Ref("table", "absent")]) is schema
    assert flavour.conn.sent == start
