"""Values of our own tables that only look like what their column holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dbwarden.runtime.rows import is_moment, moment

EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))


@pytest.mark.parametrize(
    "value", ["yesterday", "", None, 7, datetime(1, 1, 1, tzinfo=EAST), datetime(9999, 12, 31, 23, tzinfo=WEST)]
)
def test_what_is_no_moment(value: object) -> None:
    assert not is_moment(value)


@pytest.mark.parametrize("value", ["2026-01-02 03:04:05", datetime(2026, 1, 2, 17, 4, 5, tzinfo=EAST)])
def test_moments_are_in_utc(value: object) -> None:
    assert is_moment(value)
    assert moment(value) == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
