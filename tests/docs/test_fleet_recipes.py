"""The recipes of the page about fleets, run as their schedulers would run them."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.support.command import environment, run, start, write_migration

PAGE = (Path(__file__).parents[2] / "docs" / "concepts" / "fleets.md").read_text()
NAMES = [f"t{at:02}" for at in range(24)]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def project(folder: Path) -> None:
    (folder / "warden.py").write_text(
        "from dbwarden import database_config\n"
        f"database_config(database_name='tenants', database_type='sqlite', model_paths=['models.py'],"
        f" urls_from={[f'sqlite:///{name}.db' for name in NAMES]!r}, lock_recovery='auto')\n"
    )
    (folder / "migrations" / "tenants").mkdir(parents=True)
    write_migration(folder / "migrations" / "tenants", "0001_a", "CREATE TABLE a (id INTEGER);", "DROP TABLE a;")


def migrated(folder: Path) -> list[str]:
    """The targets that have the migration, each exactly once."""
    done = []
    for name in NAMES:
        conn = sqlite3.connect(folder / f"{name}.db")
        if conn.execute("SELECT count(*) FROM sqlite_master WHERE name = 'a'").fetchone() == (1,):
            assert conn.execute("SELECT count(*) FROM dbwarden_migrations").fetchone() == (1,)
            done.append(name)
        conn.close()
    return done


def test_an_indexed_job_of_kubernetes(tmp_path: Path) -> None:
    """The canary, then every index; one is evicted while the others run, and repeated."""
    project(tmp_path)
    canary, tenants = (document for text in blocks("yaml") for document in yaml.safe_load_all(text))

    def arguments(job: dict[str, Any]) -> list[str]:
        (container,) = job["spec"]["template"]["spec"]["containers"]
        program, *rest = container["args"]
        assert program == "dbwarden"
        return list(rest)

    run(tmp_path, *arguments(canary))
    assert migrated(tmp_path) == ["t00"]
    evicted = start(tmp_path, *arguments(tenants), JOB_COMPLETION_INDEX="0")
    indexes = range(1, tenants["spec"]["completions"])
    reports = [json.loads(run(tmp_path, *arguments(tenants), JOB_COMPLETION_INDEX=str(index))) for index in indexes]
    evicted.kill()
    evicted.communicate(timeout=20)
    reports.append(json.loads(run(tmp_path, *arguments(tenants), JOB_COMPLETION_INDEX="0")))
    assert sum(report["selected"] for report in reports) == len(NAMES), "each target belongs to one index"
    assert migrated(tmp_path) == NAMES
    run(tmp_path, "status", "--fleet", "tenants", "--exit-code")


def test_tasks_of_airflow_or_celery(tmp_path: Path) -> None:
    """A task for each target, and one for each part, in processes of their own as workers are."""
    project(tmp_path)
    (tmp_path / "tasks.py").write_text(next(text for text in blocks("python") if "def migrate_part" in text))
    code = (
        "from concurrent.futures import ProcessPoolExecutor\nimport tasks\n"
        "if __name__ == '__main__':\n"
        "    with ProcessPoolExecutor(3) as workers:\n"
        "        print(list(workers.map(tasks.migrate_target, tasks.targets()[:5])))\n"
        "        print([counts for counts in workers.map(tasks.migrate_part, range(3), [3] * 3)])\n"
    )
    (tmp_path / "work.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "work.py"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    targets, parts = done.stdout.splitlines()
    assert targets == "[1, 1, 1, 1, 1]"
    assert sum(sum(counts.values()) for counts in json.loads(parts.replace("'", '"'))) == len(NAMES)
    assert migrated(tmp_path) == NAMES
