"""What happens while a command waits for the lock counts: the history is read again under it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import dbwarden
from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.api.progress import Waiting
from dbwarden.core.file import parse
from dbwarden.core.own_tables import OwnTables
from dbwarden.runtime import execute, lock
from dbwarden.runtime.stores import lock_opener
from tests.support.command import rows, write_migration, write_project

UPGRADE = "CREATE TABLE a (n INTEGER);"


def test_a_file_that_another_process_applied_meanwhile(tmp_path: Path, database_url: str) -> None:
    write_migration(write_project(tmp_path, database_url), "0001_a", UPGRADE, "DROP TABLE a;")
    dialect, tables = dialects.get(database_url.partition(":")[0]), OwnTables()
    file = parse("0001_a.sql", f"-- upgrade\n{UPGRADE}\n\n-- rollback\nDROP TABLE a;\n", dialect.lexical_rules)
    with ExitStack() as other:
        claim = lock.LockRequest("migrate", wait=0)
        claimed = other.enter_context(lock.acquire(lock_opener(lambda: connect(database_url), dialect, tables), claim))

        def apply_and_release(event: Any) -> None:
            if isinstance(event, Waiting):
                with connect(database_url) as conn:
                    execute.upgrade(
                        conn, dialect, file, execute.ExecutionOptions(claimed.token, "other", "0", tables=tables)
                    )
                other.close()

        options = dbwarden.MigrateOptions(lock_wait=60, events=apply_and_release)
        report = dbwarden.migrate(config=str(tmp_path / "warden.py"), options=options)
    assert report.migrations == ()
    assert rows(database_url, "SELECT migration, event, applied_by FROM dbwarden_migrations") == [
        ("0001", "applied", "other")
    ]
