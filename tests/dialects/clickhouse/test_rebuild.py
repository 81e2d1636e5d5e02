"""Changes that need a new table: rows are copied by partition, compared, and lost or doubled by nothing that happens meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.checks.rule import Environment
from dbwarden.checks.run import check_files
from dbwarden.core.dialect import Dialect, Prefs, Scope
from dbwarden.core.file import parse
from dbwarden.core.file_writer import format
from dbwarden.core.plan import Pair, Plan, plan
from dbwarden.core.types import Ref
from dbwarden.dialects.clickhouse import rebuild_state, table_copy
from dbwarden.errors import DatabaseError, MutationFailed, PermissionDenied, Unsupported
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.suspended_work import resume
from tests.support.command import run, write_project

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


MERGING = {
    "ReplacingMergeTree(v)": 60,
    "SummingMergeTree": 60,
    "AggregatingMergeTree SETTINGS allow_dimensions_outside_sorting_key = 1": 60,
    "CoalescingMergeTree": 60,
    "CollapsingMergeTree(sign)": 0,
    "VersionedCollapsingMergeTree(sign,v)": 0,
    "MergeTree TTL at + INTERVAL 1 DAY": 30,
    "MergeTree TTL at + INTERVAL 1 DAY GROUP BY k SET n = sum(n)": 75,
}
"""Engines, and the rows that are left of the 120 below."""


@pytest.mark.parametrize("engine", MERGING)
def test_rows_that_merge_are_compared_before_they_do(
    place: Place, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All rows are copied, whatever the new engine or TTL makes of them afterwards; the old table keeps them."""
    columns = (
        "(k UInt64, n SimpleAggregateFunction(sum, UInt64), s AggregateFunction(uniq, UInt64), v UInt8, sign Int8,"
    )
    columns += " at DateTime)"
    name, _, clause = engine.partition(" ")
    place.conn.execute("DROP TABLE events SYNC")
    place.conn.execute(f"CREATE TABLE events {columns} ENGINE = MergeTree ORDER BY at")
    place.conn.execute(
        "INSERT INTO events SELECT number % 60, number, uniqState(number), 1, if(number < 60, 1, -1),"
        " if(number % 4 = 0, now(), toDateTime('2001-01-01 00:00:00')) FROM numbers(120) GROUP BY number ORDER BY number"
    )
    statements = place.plan_to(f"CREATE TABLE events {columns} ENGINE = {name} ORDER BY k {clause}").upgrade()
    finding = [one.message for one in _findings(place, statements) if one.rule == "expect-merged-rows"]
    assert len(finding) == (name != "MergeTree"), finding
    compared, different = [], table_copy.TableCopy.different

    def counted(copy: table_copy.TableCopy, parts: Any = None) -> list[str]:
        with suppress(DatabaseError):  # merges are stopped
            place.conn.execute(f"OPTIMIZE TABLE {copy.target.name} FINAL")
        left = different(copy, parts)
        compared.append((sum(one.rows for one in copy.copied().values()), left))
        return left

    monkeypatch.setattr(table_copy.TableCopy, "different", counted)
    place.run(statements)
    assert compared[-1] == (120, []) and len(compared) <= 4, compared
    assert _suspended(place) == []
    place.conn.execute("OPTIMIZE TABLE events FINAL")
    assert place.query("SELECT count() FROM events") == [(MERGING[engine],)]
    assert place.query("SELECT count() FROM dbwarden_old_events") == [(120,)]


def _findings(place: Place, statements: Any) -> Any:
    text = format(statements, ("SELECT 1",), lexical_rules=place.dialect.lexical_rules)
    file = parse("0001_x.sql", text, place.dialect.lexical_rules)
    return check_files([file], [file], place.dialect, Environment())


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
    """A connection whose process ends just before its n-th statement that changes something."""
    sent = 0
    execute = conn.execute

    def counted(sql: str, params: Any = None) -> int:
        nonlocal sent
        sent += 1
        if sent >= at:
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


def _suspended(place: Place) -> list[str]:
    return [item.work for item in place.dialect.suspended_work(place.conn)]


def test_stopped_merges_are_known_and_start_again(place: Place) -> None:
    """A killed copy leaves them stopped: its comment says so, and the statements that start them are at hand."""
    statements = place.plan_to(FORMS["engine"]).upgrade()
    place.run(statements[:3])
    assert _suspended(place) == ["merges of events"]
    for _ in range(2):
        place.conn.execute("INSERT INTO events (id, day) VALUES (5000, '2024-01-01')")
    with pytest.raises(DatabaseError, match="ABORTED"):
        place.conn.execute("OPTIMIZE TABLE events FINAL SETTINGS optimize_throw_if_noop = 1")
    resume(place.conn, place.dialect)
    assert _suspended(place) == []
    place.conn.execute("OPTIMIZE TABLE events FINAL SETTINGS optimize_throw_if_noop = 1")
    place.run(statements[3:])
    assert place.query("SELECT count(), uniqExact(id) FROM events FINAL") == [(3001, 3001)]


def test_commands_name_stopped_merges(place: Place, tmp_path: Path) -> None:
    place.run(place.plan_to(FORMS["order"]).upgrade()[:3])
    write_project(tmp_path, place.url)
    words = "An interrupted migration has suspended merges of events."
    for command in ("status", "lock-status"):
        assert words in run(tmp_path, command)
    resumed = "Merges of events, which an interrupted migration had suspended, go on."
    assert resumed in run(tmp_path, "unlock", code=1)  # no lock was held
    assert words not in run(tmp_path, "status")


def test_a_failed_copy_starts_the_merges(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    statements = place.plan_to(FORMS["order"]).upgrade()
    place.run(statements[:2])
    monkeypatch.setattr(table_copy.TableCopy, "_copy_unit", lambda *given: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        place.run(statements[2:3])
    assert _suspended(place) == []


def test_merges_of_a_server_that_started_since_go_on(place: Place) -> None:
    place.run(place.plan_to(FORMS["order"]).upgrade()[:3])
    state = rebuild_state.read(place.conn, Ref("table", "dbwarden_new_events"))
    assert state is not None
    replace(state, stopped=1000).save(place.conn, Ref("table", "dbwarden_new_events"))
    assert _suspended(place) == []


@pytest.mark.parametrize("form", ["order", "engine", "no partition"])
def test_late_rows_come_once(place: Place, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inserts that had begun before the exchange write into the old table; the run is killed at each of its steps behind that."""
    statements = place.plan_to(FORMS[form]).upgrade()
    exchange = statements[3]
    place.run(statements[:3])

    def late(conn: DatabaseConnection, at: int) -> DatabaseConnection:
        execute, behind = conn.execute, 0

        def counted(sql: str, params: Any = None) -> int:
            nonlocal behind
            if "EXCHANGE TABLES" in sql and "COMMENT" not in sql:
                result = execute(sql, params)
                for table in ("dbwarden_new_events", "events"):  # the second is a row for the new form
                    place.conn.execute(
                        f"INSERT INTO {table} (id, day) VALUES ({len(table)}000, '2024-01-01'), (7, '2024-03-01')"
                    )
                behind = 1
                return result
            if behind:
                behind += 1
                if behind >= at:
                    raise Killed
            return execute(sql, params)

        conn.execute = counted  # type: ignore[method-assign]
        return conn

    for at in range(2, 40):
        with connect(place.url) as conn:
            try:
                place.run([exchange], late(conn, at)) if at == 2 else place.dialect.probe(
                    _killing(conn, at - 1), exchange
                )
            except Killed:
                continue
        break
    assert place.dialect.probe(place.conn, exchange) is True
    assert place.query("SELECT count(), countIf(id IN (19000, 6000)) FROM events") == [(3004, 2)]


def test_a_part_of_late_and_copied_rows_is_an_error(place: Place) -> None:
    statements = place.plan_to(FORMS["order"]).upgrade()
    place.run(statements[:4])
    state = rebuild_state.read(place.conn, Ref("table", "events"))
    assert state is not None
    place.conn.execute("INSERT INTO dbwarden_new_events (id, day) VALUES (19000, '2024-01-01')")
    place.conn.execute("OPTIMIZE TABLE dbwarden_new_events FINAL")
    with pytest.raises(MutationFailed, match="has rows that arrived late together with copied ones") as error:
        place.dialect.probe(place.conn, statements[3])
    assert "Insert its rows that events lacks" in (error.value.hint or "")


def test_without_the_right_to_stop_merges_nothing_is_copied(place: Place) -> None:
    statements = place.plan_to(FORMS["order"]).upgrade()
    place.run(statements[:2])
    conn = connect(place.url)
    execute = conn.execute

    def refusing(sql: str, params: Any = None) -> int:
        if sql.startswith("SYSTEM STOP MERGES"):
            raise PermissionDenied("Not enough privileges", sqlstate="497")
        return execute(sql, params)

    conn.execute = refusing  # type: ignore[method-assign]
    with conn, pytest.raises(PermissionDenied):
        place.run(statements[2:3], conn)
    assert place.query("SELECT count() FROM dbwarden_new_events") == [(0,)]
    assert _suspended(place) == []


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
    place.conn.execute("CREATE TABLE events (id UInt64) ENGINE = URL('http://127.0.0.1:1/x', 'CSV')")
    with pytest.raises(Unsupported, match="its engine URL takes no ALTER"):
        place.plan_to("CREATE TABLE events (id UInt64) ENGINE = MergeTree ORDER BY id")
