"""The Python API: reports, nothing printed, from threads and inside a running event loop."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import dbwarden
from dbwarden.errors import DatabaseInMemory
from tests.support.command import write_migration, write_project


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> str:
    migrations = write_project(tmp_path, database_url)
    write_migration(migrations, "0001_a", "CREATE TABLE a (id INTEGER);", "DROP TABLE a;")
    write_migration(migrations, "0002_b", "CREATE TABLE b (id INTEGER);", "DROP TABLE b;")
    return str(tmp_path / "warden.py")


def test_reports_and_silence(config: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert dbwarden.status("primary", config=config).pending == 2
    done = dbwarden.migrate("primary", config=config)
    assert [run.file for run in done.migrations] == ["0001_a.sql", "0002_b.sql"]
    assert done.applied == 2 and done.remaining == 0 and done.duration > 0
    assert [event.key for event in dbwarden.history(config=config).events] == ["0001", "0002"]
    assert [table.name for table in dbwarden.check_db(config=config).tables] == ["a", "b"]
    assert not dbwarden.lock_status(config=config).active
    assert not dbwarden.unlock(config=config).released
    assert [run.key for run in dbwarden.rollback(config=config).migrations] == ["0002"]
    assert [run.key for run in dbwarden.downgrade(to="0", config=config).migrations] == ["0001"]
    assert dbwarden.database_list(config)[0].name == "primary"
    assert dbwarden.version().version == dbwarden.__version__
    assert capfd.readouterr() == ("", "")


def test_every_report_has_a_form_in_json(config: str) -> None:
    reports = [
        dbwarden.status(config=config),
        dbwarden.migrate(config=config, options=dbwarden.MigrateOptions(dry_run=True)),
        dbwarden.migrate(config=config),
        dbwarden.history(config=config),
        dbwarden.check_db(config=config, ddl=True),
        dbwarden.lock_status(config=config),
        dbwarden.rollback(config=config),
        dbwarden.configuration(config),
        dbwarden.settings_show(config=config),
        dbwarden.version(),
    ]
    for report in reports:
        json.dumps(dbwarden.to_json(report))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"])
def test_a_database_in_memory_is_not_migrated(tmp_path: Path, url: str) -> None:
    write_migration(write_project(tmp_path, url), "0001_a", "CREATE TABLE a (id INTEGER);", "DROP TABLE a;")
    config = str(tmp_path / "warden.py")
    assert dbwarden.status(config=config).pending == 1
    with pytest.raises(DatabaseInMemory, match="would be gone when the command ends"):
        dbwarden.migrate(config=config)


def test_progress(config: str) -> None:
    seen: list[str] = []
    dbwarden.migrate(config=config, options=dbwarden.MigrateOptions(events=lambda e: seen.append(type(e).__name__)))
    checked = ["WorkStarted", "WorkFinished"]
    assert seen == [*checked, "RunStarted", "StatementStarted", "FileRun", "StatementStarted", "FileRun"]


def test_errors_say_what_was_done(config: str) -> None:
    write_migration(Path(config).parent / "migrations" / "primary", "0003_c", "CREATE TABLE a (id INTEGER);")
    with pytest.raises(dbwarden.DBWardenError) as caught:
        dbwarden.migrate(config=config)
    assert caught.value.code == "MigrationFailed"
    assert [run.file for run in caught.value.finished] == ["0001_a.sql", "0002_b.sql"]


def test_inside_a_running_loop(config: str) -> None:
    async def both() -> tuple[int, int]:
        direct = dbwarden.migrate(config=config, count=1)
        threaded = await asyncio.to_thread(dbwarden.migrate, config=config)
        return len(direct.migrations), len(threaded.migrations)

    assert asyncio.run(both()) == (1, 1)


def test_from_threads_at_once(config: str) -> None:
    """Each migration runs once, whoever was first."""
    ran: list[str] = []
    errors: list[Exception] = []

    def work() -> None:
        try:
            ran.extend(run.file for run in dbwarden.migrate(config=config).migrations)
        except dbwarden.DBWardenError as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert sorted(ran) == ["0001_a.sql", "0002_b.sql"]


def test_all_names_are_there() -> None:
    for name in dbwarden.__all__:
        assert getattr(dbwarden, name) is not None
    with pytest.raises(AttributeError):
        dbwarden.nonsense  # noqa: B018


def test_importing_is_cheap(tmp_path: Path) -> None:
    code = (
        "import sys, dbwarden; print([n for n in ('sqlalchemy', 'typer', 'rich', 'dbwarden.api') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
