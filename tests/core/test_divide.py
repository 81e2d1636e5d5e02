"""Whose event is whose, where several projects keep their history in one database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from dbwarden.core.divided_history import divide
from dbwarden.core.file import MigrationFile, parse
from dbwarden.core.filename import Kind
from dbwarden.core.record import Event, Record
from dbwarden.core.sqltext import ANSI


def file(name: str, sql: str) -> MigrationFile:
    return parse(name, f"-- upgrade\n{sql};\n", ANSI)


A1, A2 = file("0001_a.sql", "CREATE TABLE a (n INTEGER)"), file("0002_b.sql", "CREATE TABLE b (n INTEGER)")
OTHER1 = file("0001_a.sql", "CREATE TABLE other (n INTEGER)")
"""Called like A1."""


def events(*what: tuple[MigrationFile, Event, str]) -> list[Record]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        Record(
            n, one.key, Kind.VERSIONED, one.name, "", one.checksum, event, 1, 1, at, 0.0, "me", "0", database_name=name
        )
        for n, (one, event, name) in enumerate(what, 1)
    ]


def test_by_name() -> None:
    records = events((A1, Event.APPLIED, "shop"), (A1, Event.APPLIED, "billing"), (A2, Event.APPLIED, "shop"))
    parts = divide(records, "shop", [A1, A2])
    assert ([r.id for r in parts.ours], [r.id for r in parts.others]) == ([1, 3], [2])


BOTH = ((A1, Event.APPLIED, ""), (A2, Event.APPLIED, ""))


@pytest.mark.parametrize(
    ("what", "files", "claims"),
    [
        (BOTH, [A1, A2], True),
        (BOTH, [A2], True),  # the other file is gone: still ours, and missing
        (BOTH, [OTHER1, A2], True),  # the other file was edited
        (BOTH, [OTHER1], False),  # of the same name by chance
        (BOTH, [], False),
        (((A1, Event.ROLLED_BACK, ""),), [OTHER1], True),  # nothing is in effect: nothing to quarrel about
        (((A1, Event.ROLLED_BACK, ""), (A2, Event.APPLIED, "")), [A1], False),
        (((A1, Event.FAILED, ""),), [OTHER1], False),  # a part of it is in effect
        (((A1, Event.FAILED, ""),), [A1], True),
        ((), [A1], True),
    ],
)
def test_what_an_earlier_version_recorded(
    what: Sequence[tuple[MigrationFile, Event, str]], files: list[MigrationFile], claims: bool
) -> None:
    records = events(*what, (A1, Event.APPLIED, "billing"))
    parts = divide(records, "shop", files)
    assert parts.claims is claims
    assert len(parts.ours) == (len(what) if claims else 0)
    assert len(parts.others) == (1 if claims else len(what) + 1)
