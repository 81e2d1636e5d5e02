"""Backups that the server writes to a bucket or a disk: statements and answers as the server's documentation shows them.

The embedded engine writes to files only (``test_backup``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from dbwarden.core.dialect import Connection
from dbwarden.dialects.clickhouse.server_backup import restored, save
from dbwarden.errors import ArchiveFailed

PLACES = ("S3('https://s3.example.com/backups/{name}', 'key', 'secret')", "Disk('backups', '{name}.zip')")


class Recorded:
    """A connection that answers BACKUP and RESTORE with a status, and keeps what it was sent."""

    def __init__(self, saved: str = "BACKUP_CREATED", loaded: str = "RESTORED") -> None:
        self.statuses, self.sent = {"BACKUP": saved, "RESTORE": loaded}, list[str]()

    def query(self, sql: str) -> Sequence[tuple[Any, ...]]:
        self.sent.append(sql)
        if sql == "SELECT currentDatabase()":
            return [("shop",)]
        return [("0b4e2b5a", self.statuses[sql.partition(" ")[0]])]

    def execute(self, sql: str) -> None:
        self.sent.append(sql)


@pytest.mark.parametrize("place", PLACES)
def test_a_backup_goes_to_its_place_and_comes_back(place: str) -> None:
    recorded = Recorded()
    conn = cast("Connection", recorded)
    entry = save(conn, place, ["events", "odd name"])
    where = place.replace("{name}", entry.name)
    assert f"BACKUP TABLE shop.events, TABLE shop.`odd name` TO {where}" in recorded.sent
    assert any(sql.startswith("RESTORE ") and where in sql and "structure_only = 1" in sql for sql in recorded.sent)
    assert "secret" not in repr(entry)
    recorded.sent.clear()
    with restored(conn, entry, place, "staging"):
        assert recorded.sent[-1].endswith(f"FROM {where} SETTINGS allow_non_empty_tables = 1")
    assert recorded.sent[-1] == "SYSTEM START MERGES staging.`odd name`"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("statuses", [("BACKUP_FAILED", "RESTORED"), ("BACKUP_CREATED", "RESTORE_FAILED")])
def test_another_status_is_a_failure(place: str, statuses: tuple[str, str]) -> None:
    recorded = Recorded(*statuses)
    with pytest.raises(ArchiveFailed, match="FAILED"):
        save(cast("Connection", recorded), place, ["events"])
    assert statuses[0] == "BACKUP_FAILED" or recorded.sent[-1].startswith("DROP DATABASE IF EXISTS dbwarden_backup_")
