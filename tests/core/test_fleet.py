"""Waves, limits and shards of a fleet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbwarden.core.fleet import (
    Amount,
    FleetTarget,
    Shard,
    failures_allowed,
    matching,
    parse_shard,
    parse_waves,
    unmatched,
    wave_ends,
)


@pytest.mark.parametrize(
    ("text", "total", "ends"),
    [
        ("100%", 300, (300,)),
        ("1,10%,100%", 300, (1, 30, 300)),
        ("1,10%,100%", 5, (1, 1, 5)),  # a wave that is not larger than the one before has no target of its own
        ("1,10%,100%", 1, (1, 1, 1)),
        ("5,50", 20, (5, 20)),
        ("2", 300, (2,)),
        ("0.1%,100%", 20, (1, 20)),
        ("1,100%", 0, (0, 0)),
        (" 1 , 12.5% ", 16, (1, 2)),
    ],
)
def test_waves(text: str, total: int, ends: tuple[int, ...]) -> None:
    assert wave_ends(parse_waves(text), total) == ends


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "'' is neither"),
        ("1,,100%", "'' is neither"),
        ("ten", "'ten' is neither a number of targets nor a percentage"),
        ("-1", "'-1' is neither"),
        ("0", "'0' is no target at all"),
        ("0%", "'0%' is no target at all"),
        ("101%", "'101%' is more than 100%"),
        ("1.5", "'1.5' is not a whole number"),
        ("10%,5%", "5% is not more than 10%"),
        ("5,5", "5 is not more than 5"),
    ],
)
def test_waves_that_are_wrong(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        parse_waves(text)


@pytest.mark.parametrize(
    ("limit", "size", "most"),
    [("2%", 1, 0), ("2%", 29, 0), ("2%", 270, 5), ("3", 270, 2), ("1", 1, 0), ("100%", 10, 9), ("50%", 4, 1)],
)
def test_a_wave_stops_when_the_limit_is_reached(limit: str, size: int, most: int) -> None:
    assert failures_allowed(Amount.parse(limit), size, most)
    assert not failures_allowed(Amount.parse(limit), size, most + 1)


def test_shards_are_said_from_1_or_by_a_variable_from_0() -> None:
    environment = [("JOB_COMPLETION_INDEX", "0"), ("LAST", "9"), ("WORD", "x"), ("OVER", "10")]
    assert parse_shard("1/10") == parse_shard("JOB_COMPLETION_INDEX/10", environment) == Shard(0, 10)
    assert parse_shard("10/10") == parse_shard("LAST/10", environment) == Shard(9, 10)
    assert str(Shard(9, 10)) == "10/10"
    for text, words in {
        "0/10": "count from 1 to 10",
        "11/10": "count from 1 to 10",
        "1/0": "count from 1 to 0",
        "3": "is not a shard",
        "1/2/3": "is not a shard",
        "ABSENT/3": "ABSENT, which is not set",
        "WORD/3": "WORD is 'x'",
        "OVER/10": "OVER is 10: it counts from 0 to 9",
    }.items():
        with pytest.raises(ValueError, match=words):
            parse_shard(text, environment)


def targets(count: int) -> list[FleetTarget]:
    return [FleetTarget(f"t{at}", f"sqlite:///{at}.db", place=("sqlite", f"/{at}.db")) for at in range(count)]


@given(st.integers(1, 12), st.integers(0, 60))
def test_each_target_is_in_one_shard(count: int, total: int) -> None:
    fleet = targets(total)
    shards = [[target for target in fleet if Shard(index, count).has(target)] for index in range(count)]
    assert sorted(target.name for shard in shards for target in shard) == sorted(target.name for target in fleet)


def test_a_new_target_moves_no_other_and_shards_are_about_equal() -> None:
    few, many = targets(1000), targets(1001)
    for index in range(10):
        shard = [target.name for target in few if Shard(index, 10).has(target)]
        assert set(shard) <= {target.name for target in many if Shard(index, 10).has(target)}
        assert 60 < len(shard) < 140


def test_targets_by_name() -> None:
    fleet = targets(12)
    assert [target.name for target in matching(fleet, ["t1*", "t3"])] == ["t1", "t3", "t10", "t11"]
    assert unmatched(fleet, ["t1*", "acme"]) == ["acme"]


def test_a_target_shows_no_password() -> None:
    assert "secret" not in repr(FleetTarget("a", "postgresql://u:secret@h/d"))
