"""A database on which the earlier program of the same name (versions below 1.0 on the package index) was used."""

from __future__ import annotations

from pathlib import Path

from dbwarden.api.connection import connect
from tests.support.command import run, write_migration, write_project

TABLES = (
    "CREATE TABLE _dbwarden_migrations (version VARCHAR(255), filename VARCHAR(255) UNIQUE, checksum VARCHAR(128))",
    "CREATE TABLE dbwarden_lock (namespace VARCHAR(255) NOT NULL PRIMARY KEY, execution_id VARCHAR(255) NOT NULL,"
    " owner_id VARCHAR(255) NOT NULL, fencing_token INTEGER NOT NULL DEFAULT 0, state VARCHAR(20) NOT NULL)",
    "CREATE TABLE t (id INTEGER)",
    "INSERT INTO _dbwarden_migrations VALUES ('0001', '0001_t.sql', 'x')",
)


def project(folder: Path, url: str, **settings: object) -> Path:
    migrations = write_project(folder, url, **settings)
    write_migration(migrations, "0001_t", "CREATE TABLE t (id INTEGER);", "DROP TABLE t;")
    return folder


def test_its_lock_is_refused_and_left_alone(database_url: str, tmp_path: Path) -> None:
    with connect(database_url) as conn:
        for sql in TABLES:
            conn.execute(sql)
    folder = project(tmp_path / "one", database_url)
    refused = run(folder, "migrate", "--baseline", code=1)
    assert "The table dbwarden_lock lacks columns" in refused and "another program" in refused
    with connect(database_url) as conn:
        assert conn.query("SELECT count(*) FROM dbwarden_lock")[0][0] == 0
        assert conn.query("SELECT count(*) FROM _dbwarden_migrations")[0][0] == 1

    # The two ways out of docs/installation.md: other names for our tables, or no table of that name.
    beside = project(tmp_path / "two", database_url, history_table="dbw_migrations")
    assert "1 migration marked as applied" in run(beside, "migrate", "--baseline")
    assert "1 applied, 0 pending" in run(beside, "status", "--exit-code")
    with connect(database_url) as conn:
        conn.execute("DROP TABLE dbwarden_lock")
    assert "1 migration marked as applied" in run(folder, "migrate", "--baseline")
    assert "1 applied, 0 pending" in run(folder, "status", "--exit-code")
