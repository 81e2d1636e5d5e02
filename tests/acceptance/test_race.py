"""Two ``migrate`` processes at once: each migration runs exactly once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import rows, run, start, write_migration, write_project

pytestmark = pytest.mark.acceptance


@pytest.mark.parametrize("wait", ["10", "0"])
def test_each_migration_runs_once(tmp_path: Path, database_url: str, wait: str) -> None:
    migrations = write_project(tmp_path, database_url)
    write_migration(migrations, "0001_log", "CREATE TABLE log (n INTEGER);")
    for n in range(2, 22):
        write_migration(migrations, f"{n:04}_step", f"INSERT INTO log VALUES ({n});")
    processes = [start(tmp_path, "migrate", "--lock-wait", wait) for _ in range(3)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    codes = sorted(process.returncode for process in processes)
    assert set(codes) <= {0, 3} and 0 in codes, outputs
    if wait == "10":
        assert codes == [0, 0, 0], outputs
    assert rows(database_url, "SELECT n FROM log ORDER BY n") == [(n,) for n in range(2, 22)]
    applied = rows(database_url, "SELECT migration, count(*) FROM dbwarden_migrations GROUP BY migration")
    assert len(applied) == 21 and {count for _, count in applied} == {1}
    assert run(tmp_path, "lock-status") == "Migration lock: INACTIVE\n"


SLOW = {
    "postgresql": "SELECT pg_sleep(8);",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000000)"
    " INSERT INTO first SELECT max(i) + 1 FROM n;",
}
"""Some seconds."""


def test_the_second_says_whom_it_waits_for(tmp_path: Path, database_url: str) -> None:
    migrations = write_project(tmp_path, database_url)
    slow = SLOW[database_url.partition(":")[0]]
    write_migration(migrations, "0001_slow", f"CREATE TABLE first (n INTEGER);\n{slow}")
    first = start(tmp_path, "migrate", "--verbose")
    assert first.stdout is not None
    assert any("2/2" in line for line in first.stdout)
    failed = run(tmp_path, "migrate", "--lock-wait", "0", code=3)
    assert "Error: The migration lock is held by " in failed
    assert f"(pid {first.pid}, migrate)" in failed
    assert "dbwarden lock-status" in failed
    assert "is alive" in run(tmp_path, "unlock", code=5)
    second = run(tmp_path, "migrate", "--lock-wait", "50")
    assert "Waiting up to 50 s for the migration lock of" in second
    assert "Nothing to apply: database primary is up to date (1 applied)." in second
    assert "Applied 0001_slow.sql" in first.communicate(timeout=60)[0]
    assert first.returncode == 0
