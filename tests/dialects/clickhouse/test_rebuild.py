"""Changes that need a new table: rows are copied by partition, compared, and lost or doubled by nothing that happens meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Dialect, Prefs, Scope
from dbwarden.core.plan import Pair, Plan, plan
from dbwarden.core.types import Ref
from dbwarden.dialects.clickhouse import table_copy
from dbwarden.errors import MutationFailed, Unsupported
from dbwarden.runtime.connection import DatabaseConnection

EVENTS = (
    "CREATE TABLE events (id UInt64, day Date, kind LowCardinality(String), note Nullable(String),"
    " twice UInt64 MATERIALIZED id * 2)"
)
MONTHS = "ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY (day, id)"
ROWS = (
    "INSERT INTO events SELECT number, toDate('2024-01-01') + number % 100, toString(number % 5), if(number % 3 = 0, NULL, 'x')"
    " FROM numbers({})"
)
FORMS = {
    "order": f"{EVENTS} ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY (kind, id)",
    "partition": f"{EVENTS} ENGINE = MergeTree PARTITION BY kind ORDER BY (day, id)",
    "no partition": f"{EVENTS} ENGINE = MergeTree ORDER BY (day, id)",
    "engine": f"{EVENTS} ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(day) ORDER BY (day, id)",
    "primary key": f"{EVENTS} ENGINE = MergeTree PARTITION BY toYYYYMM(day) PRIMARY KEY day ORDER BY (day, id)",
    "key type": EVENTS.replace("id UInt64", "id String") + f" {MONTHS}",
    "members": EVENTS.removesuffix(")")
    + ", added String DEFAULT 'new', INDEX ix kind TYPE set(5), CONSTRAINT c CHECK id >= 0, PROJECTION p (SELECT kind, count()"
    " GROUP BY kind)) ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY (kind, id) TTL day + INTERVAL 50 YEAR COMMENT 'it''s'",
}


class Place:
    def __init__(self, url: str) -> None:
        self.url, self.conn = url, connect(url)
        dialect: Dialect = dialects.get("clickhouse")
        self.dialect = dialect.for_server(dialect.server_of(self.conn))

    def schema(self) -> Any:
        return self.dialect.inspect(self.conn, Scope())

    def plan_to(self, create: str) -> Plan:
        """The plan that makes ``events`` what a statement says."""
        current = self.schema()
        self.conn.execute(f"CREATE DATABASE {self.other}")
        try:
            with connect(self.url.rpartition("/")[0] + f"/{self.other}") as conn:
                conn.execute(create)
                desired = self.dialect.for_server(self.dialect.server_of(conn)).inspect(conn, Scope())
        finally:
            self.conn.execute(f"DROP DATABASE {self.other} SYNC")
        return plan(Pair(current, desired), self.dialect, Prefs())

    @property
    def other(self) -> str:
        return self.url.rpartition("/")[2] + "_other"

    def run(self, statements: Any, conn: DatabaseConnection | None = None) -> None:
        for sql in statements:
            self.dialect.execute(conn or self.conn, sql, lambda words: None)

    def query(self, sql: str) -> Any:
        with connect(self.url) as conn:
            return conn.query(sql)

    def rows(self) -> Any:
        return self.query("SELECT toString(id), day, kind, note, toUInt64(twice) FROM events ORDER BY toUInt64(id)")

    def create_table(self) -> str:
        database = self.url.rpartition("/")[2]
        ((text,),) = self.query(
            "SELECT create_table_query FROM system.tables WHERE database = currentDatabase() AND name = 'events'"
        )
        return str(text).replace(database, "db")


@pytest.fixture
def place(clickhouse_url: str) -> Iterator[Place]:
    place = Place(clickhouse_url)
    place.conn.execute(f"{EVENTS} {MONTHS}")
    place.conn.execute(ROWS.format(3000))
    yield place
    place.conn.close()


@pytest.mark.parametrize("form", FORMS)
def test_there_and_back(place: Place, form: str) -> None:
    """Up, a second diff is empty, new rows come, down: the definition is the old one, and no row is lost."""
    before, rows = place.create_table(), place.rows()
    create = FORMS[form]
    if form == "key type":
        create = create.replace("MATERIALIZED id * 2", "MATERIALIZED toUInt64(id) * 2")
    steps = place.plan_to(create)
    assert sum(sql.lstrip("- \n").startswith("EXCHANGE") or "\nEXCHANGE" in sql for sql in steps.upgrade()) == 1
    place.run(steps.upgrade())
    assert place.rows() == rows
    assert not place.plan_to(create)
    assert place.query("SELECT count() FROM dbwarden_old_events") == [(3000,)]
    place.conn.execute("INSERT INTO events (id, day, kind) VALUES (3000, '2024-01-01', 'new')")
    place.run(steps.rollback())
    assert place.create_table() == before
    assert place.rows()[:-1] == rows
    assert place.rows()[-1][0] == "3000"


def test_the_statements(place: Place) -> None:
    statements = place.plan_to(FORMS["order"]).upgrade()
    assert statements[0] == "DROP TABLE IF EXISTS dbwarden_old_events"
    assert statements[1].startswith("CREATE TABLE dbwarden_new_events (")
    assert statements[1].endswith("ORDER BY (kind, id)\nCOMMENT 'DBWarden: the new form of events'")
    assert statements[2:] == (
        "INSERT INTO dbwarden_new_events (id, day, kind, note)\nSELECT id, day, kind, note\nFROM events\n"
        "SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0",
        "-- DBWarden also copies the rows that are inserted meanwhile. Whoever runs this file by another program must stop\n"
        "-- inserts into events first: those between INSERT and EXCHANGE would be only in dbwarden_old_events.\n"
        "EXCHANGE TABLES events AND dbwarden_new_events",
        "ALTER TABLE events MODIFY COMMENT ''",
        "RENAME TABLE dbwarden_new_events TO dbwarden_old_events",
    )


def test_a_materialized_view_goes_on(place: Place) -> None:
    place.conn.execute("CREATE TABLE counts (kind String) ENGINE = MergeTree ORDER BY kind")
    steps = place.plan_to(FORMS["order"])
    place.conn.execute("CREATE MATERIALIZED VIEW m TO counts AS SELECT toString(kind) AS kind FROM events")
    place.run(sql for sql in steps.upgrade() if "counts" not in sql)
    place.conn.execute("INSERT INTO events (id, day, kind) VALUES (1, '2024-01-01', 'after')")
    assert place.query("SELECT * FROM counts") == [("after",)]


class Killed(BaseException):
    """The process ends here."""


def _killing(conn: DatabaseConnection, at: int) -> DatabaseConnection:
    """A connection whose process ends just before or after its n-th statement that changes something."""
    sent = 0
    execute = conn.execute

    def counted(sql: str, params: Any = None) -> int:
        nonlocal sent
        sent += 1
        if sent == at:
            raise Killed
        return execute(sql, params)

    conn.execute = counted  # type: ignore[method-assign]
    return conn


@pytest.mark.parametrize("form", ["order", "engine", "no partition"])
def test_a_killed_copy_is_continued(place: Place, form: str) -> None:
    """At every statement that the copying and the exchange send, until none is left."""
    rows, statements = place.rows(), place.plan_to(FORMS[form]).upgrade()
    place.run(statements[:2])
    copy, exchange = statements[2:4]
    points = 0
    for at in range(1, 100):
        try:
            with connect(place.url) as conn:
                killed = _killing(conn, at)
                place.run([copy], killed)
                if not place.dialect.probe(place.conn, exchange):
                    place.run([exchange], killed)
            break
        except Killed:
            points += 1
            if place.dialect.probe(place.conn, exchange):
                break
    else:
        raise AssertionError("there is no end")
    place.run(statements[4:])
    assert points >= 5
    assert place.rows() == rows


def test_half_a_partition_is_copied_again(place: Place) -> None:
    rows, statements = place.rows(), place.plan_to(FORMS["order"]).upgrade()
    place.run(statements[:3])
    place.conn.execute("INSERT INTO dbwarden_new_events (id, day, kind) SELECT id, day, kind FROM events WHERE id < 40")
    place.run(statements[2:])
    assert place.rows() == rows


def test_a_writer_goes_on(place: Place) -> None:
    """Whatever is inserted before, during and after the exchange is there once."""
    place.conn.execute(ROWS.format(40_000).replace("SELECT number", "SELECT number + 3000", 1))
    statements = place.plan_to(FORMS["order"]).upgrade()
    over, written = threading.Event(), list[int]()

    def write() -> None:
        with connect(place.url) as conn:
            while not over.is_set():
                number = 1_000_000 + len(written)
                conn.execute(
                    f"INSERT INTO events (id, day, kind) VALUES ({number}, '2024-01-{1 + number % 28:02}', 'w')"
                )
                written.append(number)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        place.run(statements)
    finally:
        over.set()
        thread.join()
    assert len(written) > 5
    assert place.query("SELECT count(), uniqExact(id) FROM events") == [(43_000 + len(written),) * 2]


def test_copies_that_differ_are_not_exchanged(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    statements = place.plan_to(FORMS["order"]).upgrade()
    place.run(statements[:3])
    monkeypatch.setattr(table_copy, "PASSES", 1)
    monkeypatch.setattr(table_copy.TableCopy, "copied", lambda self: {"other": table_copy.Summary(1, 1)})
    with pytest.raises(MutationFailed, match="differs from it in"):
        place.run(statements[3:])
    assert place.query(
        "SELECT sorting_key FROM system.tables WHERE database = currentDatabase() AND name = 'events'"
    ) == [("day, id",)]


def test_a_path_in_keeper_is_not_shared(place: Place) -> None:
    """Two tables cannot be replicas of one path: by documentation, the embedded engine has no replicas."""
    current = place.schema()
    table = current.table(Ref("table", "events"))
    replicated = "ReplicatedMergeTree('/clickhouse/tables/{shard}/events', '{replica}')"
    current, desired = (
        current.put(replace(table, options=table.options.with_(engine=replicated, order_by=key)))
        for key in ("(day, id)", "(kind, id)")
    )
    with pytest.raises(Unsupported, match="share a path in Keeper"):
        plan(Pair(current, desired), place.dialect, Prefs())


def test_rows_elsewhere_are_not_copied(place: Place) -> None:
    place.conn.execute("DROP TABLE events SYNC")
    place.conn.execute("CREATE TABLE events (id UInt64) ENGINE = Null")
    with pytest.raises(Unsupported, match="the engine Null"):
        place.plan_to("CREATE TABLE events (id UInt64) ENGINE = MergeTree ORDER BY id")
