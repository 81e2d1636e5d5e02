"""Backups of ClickHouse: what is in the file, and what a restore that fails leaves as it was."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbwarden.api.connection import connect
from dbwarden.core.archive import UNCHANGED, Command, Pipe
from dbwarden.core.dialect import Dialect
from dbwarden.dialects import get
from dbwarden.dialects.clickhouse import backup
from dbwarden.errors import ArchiveFailed, BackupFailed, DatabaseError, NoBackup, RestoreFailed
from dbwarden.runtime import backup as archives
from dbwarden.runtime.connection import DatabaseConnection
from tests.servers.clickhouse import backups

from .test_scratch import EVERY_TYPE, ROW

LOCK = "dbwarden_lock"


class Interruption(Exception):
    pass


class Stop:
    """A signal at the nth look."""

    remains = UNCHANGED

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def find(self, program: str, places: str = "") -> tuple[str, ...]:
        return ()

    def run(self, command: Command) -> str:
        raise AssertionError

    def pipe(self, pipe: Pipe) -> None:
        raise AssertionError

    def check(self) -> None:
        self.looks -= 1
        if self.looks == 0:
            raise Interruption


def contents(conn: DatabaseConnection) -> dict[str, object]:
    """Definitions and rows of everything."""
    contents = {}
    for name, kind, sql in conn.query(
        "SELECT name, engine, create_table_query FROM system.tables WHERE database = currentDatabase()"
        " AND NOT startsWith(name, '.inner') AND name != 'dbwarden_lock' ORDER BY name"
    ):
        columns = "* EXCEPT total, hex(total)" if name == "everything" else "*"
        rows: object = ()
        if kind not in ("Dictionary", "Null", "PostgreSQL"):
            rows = conn.query(f"SELECT count(), sum(cityHash64({columns})) FROM `{name}`")
        contents[str(name)] = (sql, rows)
    return contents


@pytest.fixture
def conn(clickhouse_url: str) -> Iterator[DatabaseConnection]:
    with connect(clickhouse_url) as opened:
        for sql in (
            EVERY_TYPE,
            ROW,
            "CREATE TABLE visits (id UInt32, url String, `odd ``name` UInt8 DEFAULT 1) ENGINE = ReplacingMergeTree ORDER BY id",
            "INSERT INTO visits (id, url) SELECT number, toString(number) FROM numbers(70000)",
            "INSERT INTO visits (id, url) VALUES (1, 'twice')",
            "CREATE TABLE empty (a Int8) ENGINE = MergeTree ORDER BY a",
            "CREATE TABLE log (a Int8) ENGINE = Log",
            "INSERT INTO log VALUES (1)",
            "CREATE TABLE sink (a Int8) ENGINE = Null",
            "CREATE MATERIALIZED VIEW by_length ENGINE = SummingMergeTree ORDER BY l AS"
            " SELECT length(url) AS l, count() AS n FROM visits GROUP BY l",
            "INSERT INTO visits (id, url) VALUES (70001, 'abc'), (70002, 'abc')",
            "CREATE VIEW total AS SELECT sum(n) AS n FROM by_length",
            "CREATE VIEW a_view AS SELECT n FROM total",
            f"CREATE DICTIONARY names (id UInt64, url String) PRIMARY KEY id SOURCE(CLICKHOUSE(TABLE 'visits' DB"
            f" '{opened.database}')) LAYOUT(FLAT()) LIFETIME(0)",
            "CREATE TABLE far (a Int32) ENGINE = PostgreSQL('127.0.0.1:1', 'd', 't', 'u', 's3cret')",
            f"CREATE TABLE {LOCK} (free UInt8) ENGINE = Null",
        ):
            opened.execute(sql)
        yield opened


def save(conn: DatabaseConnection, folder: Path) -> Path:
    return archives.save(get("clickhouse"), conn, LOCK, folder, "b", lambda: None).file


def restore(conn: DatabaseConnection, file: Path) -> None:
    archives.restore(get("clickhouse"), conn, file, LOCK, lambda _state: None)


def leftovers(conn: DatabaseConnection) -> object:
    return conn.query(
        "SELECT name FROM system.databases WHERE name LIKE 'dbwarden_restore_%' UNION ALL"
        " SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'dbwarden_replaced_%'"
    )


def test_a_restored_database_is_as_it_was(conn: DatabaseConnection, tmp_path: Path) -> None:
    before = contents(conn)
    file = save(conn, tmp_path)
    assert b"s3cret" not in file.read_bytes()
    archives.examine(get("clickhouse"), file, lambda: None)
    for sql in (
        "ALTER TABLE visits DROP COLUMN `odd ``name`",
        "INSERT INTO visits VALUES (80000, 'later')",
        "DROP VIEW a_view",
        "DROP TABLE log",
        "CREATE TABLE later (a Int8) ENGINE = Log",
        "CREATE VIEW later_view AS SELECT * FROM later",
        f"INSERT INTO {LOCK} VALUES (1)",
    ):
        conn.execute(sql)
    restore(conn, file)
    assert contents(conn) == before
    assert conn.query("SELECT count() FROM visits") == [(70003,)]
    assert leftovers(conn) == []
    conn.execute("INSERT INTO visits (id, url) VALUES (70003, 'abc')")
    assert conn.query("SELECT n FROM total") == [(3,)]


def test_an_empty_database_gets_everything(conn: DatabaseConnection, tmp_path: Path) -> None:
    before = contents(conn)
    file = save(conn, tmp_path)
    with connect(conn.url.scheme + f"://default:{conn.url.password}@{conn.url.host}:{conn.url.port}/default") as admin:
        admin.execute(f"DROP DATABASE {conn.database} SYNC")
        admin.execute(f"CREATE DATABASE {conn.database}")
    restore(conn, file)
    before.pop("far")  # its password is not in the file
    assert contents(conn) == before


@pytest.mark.parametrize("damage", [lambda data: data[:-100], lambda data: data.replace(b"by_length", b"by_LENGTH", 1)])
def test_a_damaged_file_is_refused(conn: DatabaseConnection, tmp_path: Path, damage: object) -> None:
    file = save(conn, tmp_path)
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    with pytest.raises(NoBackup, match="incomplete or damaged"):
        archives.examine(get("clickhouse"), file, lambda: None)
    before = contents(conn)
    with pytest.raises(RestoreFailed):
        restore(conn, file)
    assert contents(conn) == before


def test_a_restore_that_fails_at_the_last_view_undoes_the_rest(
    conn: DatabaseConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = save(conn, tmp_path)
    conn.execute("INSERT INTO visits (id, url) VALUES (80000, 'later')")
    conn.execute("CREATE TABLE later (a Int8) ENGINE = Log")
    before = contents(conn)

    def fail(*_: object) -> None:
        raise DatabaseError("the test says so")

    monkeypatch.setattr(backup._Restore, "_fill_views", fail)
    with pytest.raises(RestoreFailed, match="the test says so"):
        restore(conn, file)
    assert contents(conn) == before
    assert leftovers(conn) == []


def test_a_way_back_that_fails_is_not_called_unchanged(
    conn: DatabaseConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = save(conn, tmp_path)

    def fail(*_: object) -> None:
        raise DatabaseError("the test says so")

    for name in ("_fill_views", "_undo"):
        monkeypatch.setattr(backup._Restore, name, fail)
    with pytest.raises(RestoreFailed) as failed:
        restore(conn, file)
    assert failed.value.hint is not None
    assert failed.value.hint.startswith("Tables of the backup are in their places already")
    (name,) = re.findall(r"dbwarden_restore_\w+", failed.value.hint)
    assert conn.query(f"SELECT count() > 0 FROM {name}.visits") == [(1,)]  # what was replaced is not lost
    conn.execute(f"DROP DATABASE {name} SYNC")


@pytest.mark.parametrize("look", [1, 4, 7])
def test_an_interrupted_restore_changes_nothing(conn: DatabaseConnection, tmp_path: Path, look: int) -> None:
    file = save(conn, tmp_path)
    before = contents(conn)
    with pytest.raises(Interruption):
        backup.NativeBackup().restore(conn, str(file), LOCK, Stop(look))
    with connect(str(conn.url).replace("default@", f"default:{conn.url.password}@")) as other:
        assert contents(other) == before
        assert leftovers(other) == []


def test_the_contents_are_counted_without_our_own(conn: DatabaseConnection) -> None:
    assert backup.NativeBackup().contents(conn) == 9


def test_rows_are_sent_over_http(conn: DatabaseConnection) -> None:
    class Native:
        raw = object()

    with pytest.raises(ArchiveFailed, match="native protocol"):
        backup.NativeBackup().ready(Native(), Stop(0))  # type: ignore[arg-type]


def test_what_a_killed_restore_has_left_is_dropped_by_the_next_one(
    conn: DatabaseConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, file, archive = contents(conn), save(conn, tmp_path), backup.NativeBackup()
    foreign = f"dbwarden_restore_of_others_{conn.database}"
    conn.execute(f"CREATE DATABASE {foreign} ENGINE = Atomic COMMENT 'DBWarden: restore of another'")
    with monkeypatch.context() as killed:
        killed.setattr(backup._Restore, "_drop_staging", lambda self: None)
        killed.setattr(backup._Restore, "_replace", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            restore(conn, file)
    (abandoned,) = archive.abandoned(conn)
    restore(conn, file)
    assert contents(conn) == before and archive.abandoned(conn) == ()
    names = {name for (name,) in conn.query("SELECT name FROM system.databases")}
    assert abandoned not in names and foreign in names
    conn.execute(f"DROP DATABASE {foreign} SYNC")


@pytest.fixture
def on_server(conn: DatabaseConnection) -> Dialect:
    """Dialect whose server saves the rows of MergeTree tables itself."""
    return get("clickhouse").for_backups(f"File('{backups(conn)}{{name}}')")


def test_the_server_saves_and_restores(conn: DatabaseConnection, on_server: Dialect, tmp_path: Path) -> None:
    conn.execute("OPTIMIZE TABLE visits FINAL")  # merges after the restore find nothing to do
    before = contents(conn)
    whole = save(conn, tmp_path / "whole")
    file = archives.save(on_server, conn, LOCK, tmp_path, "b", lambda: None).file
    assert file.stat().st_size < whole.stat().st_size / 10
    assert [name for (name,) in conn.query("SELECT name FROM system.databases") if "dbwarden_backup" in name] == []
    conn.execute("ALTER TABLE visits DELETE WHERE id < 100")
    conn.execute("DROP TABLE log")
    conn.execute("CREATE TABLE more (a Int8) ENGINE = Memory")
    archives.restore(on_server, conn, file, LOCK, lambda _state: None)
    assert contents(conn) == before and leftovers(conn) == []


def test_a_backup_of_the_server_that_is_gone_changes_nothing(
    conn: DatabaseConnection, on_server: Dialect, tmp_path: Path
) -> None:
    file = archives.save(on_server, conn, LOCK, tmp_path, "b", lambda: None).file
    conn.execute("INSERT INTO visits (id, url) VALUES (80000, 'new')")
    before = contents(conn)
    with pytest.raises(RestoreFailed, match="the configuration does not say where") as caught:
        restore(conn, file)
    assert "backup_to" in (caught.value.hint or "")
    (saved,) = Path(backups(conn)).glob(f"{conn.database}_2*")
    shutil.rmtree(saved)
    with pytest.raises(RestoreFailed):
        archives.restore(on_server, conn, file, LOCK, lambda _state: None)
    assert contents(conn) == before and leftovers(conn) == []


def test_a_backup_that_lacks_rows_is_not_restored(
    conn: DatabaseConnection, on_server: Dialect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        rows = backup._rows
        patched.setattr(backup, "_rows", lambda conn, name: 5 if name == "visits" else rows(conn, name))
        file = archives.save(on_server, conn, LOCK, tmp_path, "b", lambda: None).file
    before = contents(conn)
    with pytest.raises(RestoreFailed, match=r"table visits has .* rows, and had 5"):
        archives.restore(on_server, conn, file, LOCK, lambda _state: None)
    assert contents(conn) == before and leftovers(conn) == []


def test_a_place_without_a_name_is_refused(conn: DatabaseConnection, on_server: Dialect, tmp_path: Path) -> None:
    place = f"File('{backups(conn)}nowhere/../../{{name}}')"
    with pytest.raises(BackupFailed):
        archives.save(get("clickhouse").for_backups(place), conn, LOCK, tmp_path, "b", lambda: None)
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".chbackup"]
