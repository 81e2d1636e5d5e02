"""The benchmark beside another checkout: both programs take turns, and the run names the rows in which this one is slower."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks import report
from benchmarks.report import Row
from benchmarks.run import Bench, median


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
