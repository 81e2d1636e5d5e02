"""The benchmarks: turns beside another checkout, rows in which this one is slower, changes while others write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import changes, online, report
from benchmarks.floor import with_values
from benchmarks.report import Row
from benchmarks.run import Bench, check_constant, median
from tests.support.project import metadata_of
from tests.support.writer import WriterReport


def test_both_programs_take_turns() -> None:
    ours = Bench(Path("here"), "sqlite", "sqlite:///here/warden_bench.db", rounds=3)
    bench = replace(ours, other=replace(ours, folder=Path("there")))
    seconds = {"here": iter((9.0, 1.0, 2.0, 6.0)), "there": iter((9.0, 1.0, 4.0, 8.0)), "floor": iter((1.0,) * 4)}
    turns: list[str] = []

    def run(name: str) -> float:
        turns.append(name)
        return next(seconds[name])

    medians = median(bench, {"dbwarden": lambda each: run(str(each.folder)), "floor": lambda _: run("floor")})
    assert turns == ["here", "there", "floor"] * 4, "one round that does not count, and three that do"
    assert medians == {"dbwarden": 2.0, "other": 4.0, "floor": 1.0, "against": 0.75}


def test_rows_of_engines_that_were_not_measured_stay() -> None:
    first, second, again = (
        Row(name, engine, "10 tables", "1.3", {"dbwarden": 1.0})
        for name, engine in (("diff", "sqlite"), ("diff", "mariadb"), ("status", "mariadb"))
    )
    former = report.page([first, second])
    assert report.page([again], former) == report.page([first, again])
    assert report.page([again], former, whole=False) == report.page([first, second, again])


def test_an_engine_that_alembic_does_not_know_has_the_floor_only() -> None:
    bench = Bench(Path("here"), "clickhouse", "clickhouse://here/warden_bench", rounds=2)
    runs = {name: (lambda _: 1.0) for name in ("dbwarden", "floor", "alembic")}
    assert set(median(bench, runs)) == {"dbwarden", "floor"}
    row = Row("the statements of that trial alone", "clickhouse", "10 tables", "-", {"floor": 1.0})
    assert report.line(row) == "the statements of that trial alone | clickhouse | 10 tables |  | 1.000 s |  |  |  | -"


def test_queries_that_grow_with_the_tables_are_refused() -> None:
    rows = [Row("queries", "clickhouse", f"{n} tables", "<= 15", {"statements": n}) for n in (4, 4)]
    check_constant(rows)
    with pytest.raises(SystemExit, match=r"clickhouse: .*\[4, 5\]"):
        check_constant([*rows, Row("queries", "clickhouse", "100 tables", "<= 15", {"statements": 5})])


def test_a_floor_request_has_its_values() -> None:
    sql = "SELECT token = :token, 'a'::String, number FROM t WHERE n = :n"
    assert (
        with_values(sql, {"token": "it's", "n": 3}) == "SELECT token = 'it\\'s', 'a'::String, number FROM t WHERE n = 3"
    )


def test_slower_rows_are_named() -> None:
    faster, slower = ({"dbwarden": ratio, "other": 1.0, "against": ratio} for ratio in (0.5, 1.06))
    rows = [
        Row("diff", "sqlite", "10 tables", "1.3", faster),
        Row("status", "sqlite", "-", "5", slower),
        Row("queries of a diff", "sqlite", "10 tables", "<= 15", {"statements": 2}),
    ]
    assert report.comparison(rows) == (
        "1 of 2 rows are slower than there by more than 5%.\n  status, sqlite, -: 1.06\n"
    )
    assert report.comparison(rows[2:]) == "", "no other checkout"


@pytest.mark.parametrize("engine", changes.EVERYWHERE)
def test_every_kind_of_change_changes_the_models(engine: str) -> None:
    before = changes.in_words_of(engine)
    for kind in changes.kinds(engine):
        after = kind.models(engine)
        assert after != before
        assert {kind.table, *kind.names} & set(metadata_of(after).tables), kind.name


def test_the_longest_pause_overlaps_the_change() -> None:
    report = WriterReport(commits=(1.0, 2.0, 8.0, 8.5, 20.0))
    assert report.longest_pause(3.0, 7.0) == 6.0, "it begins before the change and ends after it"
    assert report.longest_pause(8.1, 8.4) == 0.5
    assert report.longest_pause(0.0, 30.0) == 11.5
    assert report.commits_within(1.5, 8.2) == 2


def test_the_page_has_a_table_for_each_server() -> None:
    first = online.Measurement(
        "mariadb 10.11.18", "add a column", "INSTANT", online=True, seconds=0.01, pause=0.018, commits=299
    )
    page = online.page([first, replace(first, engine="mysql 9.7.4", online=False, pause=5.8)], 1_000_000)
    assert "| add a column | INSTANT | yes | 0.01 s | 0.018 s | 299 |" in page.partition("## mysql 9.7.4")[0]
    assert "| add a column | INSTANT | no | 0.01 s | 5.800 s | 299 |" in page.partition("## mysql 9.7.4")[2]
