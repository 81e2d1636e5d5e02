"""The real command, as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.zygote import zygote

COMMAND = [str(Path(sys.executable).parent / "dbwarden")]


def environment(**more: str) -> dict[str, str]:
    """The environment of a command: wide lines, and nothing of ours."""
    return {**os.environ, "COLUMNS": "200", **more}


def run(folder: Path, *argv: str, code: int = 0, **more: str) -> str:
    """Both outputs of a command that has to end with ``code``; the process is a fork, which spares it the imports."""
    output, ending = zygote().run(list(argv), folder, environment(**more))
    assert ending == code, f"dbwarden {' '.join(argv)} ended with {ending}:\n{output}"
    return output


def run_alone(folder: Path, *argv: str, code: int = 0, **more: str) -> str:
    """The same in an interpreter of its own: for what imports and streams make of it."""
    done = subprocess.run(
        [*COMMAND, *argv], cwd=folder, env=environment(**more), text=True, check=False, timeout=60,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == code, f"dbwarden {' '.join(argv)} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def start(folder: Path, *argv: str, **more: str) -> subprocess.Popen[str]:
    """A command that runs on beside the test."""
    return subprocess.Popen(
        [*COMMAND, *argv], cwd=folder, env=environment(**more), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def run_together(folder: Path, count: int, *argv: str, seconds: int = 60) -> list[tuple[str, int]]:
    """The same command in many processes at once: output and exit code of each."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.together", folder, str(count), str(seconds), *argv],
        cwd=Path(__file__).parents[2], env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [(output, code) for output, code in json.loads(done.stdout)]


def write_project(folder: Path, url: str, name: str = "primary", **settings: object) -> Path:
    """A configuration with one database called ``name``; returns its folder of migrations."""
    keywords = "".join(f", {key}={value!r}" for key, value in settings.items())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "warden.py").write_text(
        "from dbwarden import database_config\n"
        f"{name} = database_config(database_name={name!r}, default=True, database_url_sync={url!r},"
        f" model_paths=['models.py']{keywords})\n"
    )
    migrations = folder / "migrations" / name
    migrations.mkdir(parents=True)
    return migrations


def write_migration(migrations: Path, name: str, upgrade: str, rollback: str = "SELECT 1;") -> None:
    """A migration file."""
    (migrations / f"{name}.sql").write_text(f"-- upgrade\n{upgrade}\n\n-- rollback\n{rollback}\n")


SLOW = {
    "postgresql": "SELECT pg_sleep(30);",
    # From a table: MySQL's SLEEP alone reports success when it is interrupted.
    "mariadb": "SELECT SLEEP(30) FROM information_schema.schemata WHERE schema_name = DATABASE();",
    "mysql": "SELECT SLEEP(30) FROM information_schema.schemata WHERE schema_name = DATABASE();",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000000)"
    " INSERT INTO first SELECT max(i) + 1 FROM n;",
}
"""A statement that takes far longer than the test."""


def rows(url: str, sql: str) -> list[tuple[object, ...]]:
    """What a query returns."""
    from dbwarden.api.connection import connect

    with connect(url, read_only=True) as conn:
        return list(conn.query(sql))
