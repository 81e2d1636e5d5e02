"""Many targets with one folder of files, beside the bare statements sent by as many threads.

    python -m benchmarks.fleet URL STATEMENTS.json TARGETS JOBS

sends the transactions of ``STATEMENTS.json`` (lists of statements) to each target, one connection for each: a schema ``floor_N`` of
the database, or a SQLite file ``floor_N.db``. It knows no history, no lock, and parses nothing.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import project

JOBS = 4
TABLES = 10
RELEASE = 10
"""Files of a release."""

Transactions = Sequence[Sequence[str]]


def main() -> None:
    url, statements, targets, jobs = sys.argv[1:]
    transactions: Transactions = json.loads(Path(statements).read_text())
    with ThreadPoolExecutor(int(jobs)) as pool:
        for _ in pool.map(lambda at: send(url, at, transactions), range(int(targets))):
            pass


def send(url: str, target: int, transactions: Transactions) -> None:
    """Send the transactions to one target."""
    if url.startswith("sqlite"):
        file = sqlite3.connect(f"floor_{target}.db", isolation_level=None)
        for statements in transactions:
            for sql in ("BEGIN IMMEDIATE", *statements, "COMMIT"):
                file.execute(sql)
        file.close()
        return
    import psycopg

    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(f"SET search_path = floor_{target}")
        for statements in transactions:
            for sql in ("BEGIN", *statements, "COMMIT"):
                conn.execute(sql.encode())


def write_fleet(folder: Path, url: str, engine: str, count: int) -> None:
    """The configuration of a fleet of ``count`` schemas or files, and its first migration."""
    listed = (
        f"urls_from={[f'sqlite:///warden_{at}.db' for at in range(count)]!r}"
        if engine == "sqlite"
        else f'database_url_sync="{url}", schemas_from={[f"warden_{at}" for at in range(count)]!r}'
    )
    (folder / "warden.py").write_text(
        "from dbwarden import database_config\n"
        f'primary = database_config(database_name="primary", default=True, database_type="{engine}",\n'
        f'    {listed}, model_paths=["app.models"])\n'
    )


def create_targets(folder: Path, url: str, engine: str, count: int) -> None:
    """Empty targets of both sides."""
    if engine == "sqlite":
        for path in (*folder.glob("warden_[0-9]*.db"), *folder.glob("floor_[0-9]*.db")):
            path.unlink()
        return
    import psycopg

    with psycopg.connect(url, autocommit=True) as conn:
        for side in ("warden", "floor"):
            for at in range(count):
                conn.execute(f"CREATE SCHEMA {side}_{at}".encode())


def transactions_of(folder: Path, *, after: int = 0) -> list[list[str]]:
    """The upgrades of the files with higher numbers than ``after``."""
    texts = [path.read_text() for path in sorted(folder.glob("*.sql")) if int(path.name.split("_")[0]) > after]
    upgrades = (text.split("-- upgrade\n", 1)[1].split("\n-- rollback\n", 1)[0] for text in texts)
    return [[statement.strip() for statement in upgrade.split(";\n") if statement.strip()] for upgrade in upgrades]


def write_release(folder: Path, first: int) -> None:
    """Ten further files of one table each, from this number on."""
    for at in range(first, first + RELEASE):
        sql, back = project.small_statement(at)
        (folder / f"{at:04}_small.sql").write_text(f"-- upgrade\n{sql};\n\n-- rollback\n{back};\n")


def without_files(folder: Path) -> None:
    """No migration."""
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
