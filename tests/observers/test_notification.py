"""The notification hook: what it gets, when, and that it never changes the outcome of a run."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import dbwarden
from dbwarden.api.progress import NotificationFailed, Progress
from dbwarden.errors import InvalidSetting
from tests.support.command import run, write_migration, write_project

SECRET = "hunter2"
KEEP = [sys.executable, "-c", "import sys; open('got.jsonl', 'a').write(sys.stdin.read() + chr(10))"]


def project(folder: Path, url: str, notify: object = KEEP, **settings: object) -> Path:
    migrations = write_project(folder, url, notify=notify, **settings)
    write_migration(migrations, "0001_t", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);", "DROP TABLE t;")
    return migrations


def documents(folder: Path) -> list[dict[str, Any]]:
    """The documents that the hook got since the last call."""
    file = folder / "got.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return [json.loads(line) for line in lines]


def test_each_run_that_changes_or_fails_is_told(sqlite_url: str, tmp_path: Path) -> None:
    migrations = project(tmp_path, sqlite_url, dev_database_url=f"sqlite:///{tmp_path}/dev.db")
    for argv in (["migrate", "--dry-run"], ["--dev", "migrate"], ["migrate", "--sandbox"], ["status"]):
        run(tmp_path, *argv)
    assert documents(tmp_path) == []
    run(tmp_path, "migrate")
    [document] = documents(tmp_path)
    told = {name: document[name] for name in ("format", "command", "outcome", "database", "engine", "error")}
    assert told == {
        "format": 1, "command": "migrate", "outcome": "done", "database": "primary", "engine": "sqlite", "error": None,
    }  # fmt: skip
    assert [(file["file"], file["event"]) for file in document["migrations"]] == [("0001_t.sql", "applied")]
    run(tmp_path, "migrate")
    assert documents(tmp_path) == [], "nothing to do"
    write_migration(migrations, "0002_u", "CREATE TABLE u (id INTEGER);", "DROP TABLE u;")
    write_migration(migrations, "0003_v", f"INSERT INTO t VALUES (1, '{SECRET}'), (1, '{SECRET}');", "DELETE FROM t;")
    assert SECRET in run(tmp_path, "migrate", code=1)
    [document] = documents(tmp_path)
    assert [file["file"] for file in document["migrations"]] == ["0002_u.sql"] and document["outcome"] == "failed"
    error = document["error"]
    assert (error["code"], error["exit_code"], error["file"], error["line"]) == ("MigrationFailed", 1, "0003_v.sql", 2)
    assert SECRET not in json.dumps(document)
    run(tmp_path, "rollback")
    assert [(d["command"], d["migrations"][0]["event"]) for d in documents(tmp_path)] == [("rollback", "rolled_back")]
    write_migration(migrations, "0002_w", "SELECT 1;")
    run(tmp_path, "migrate", code=2)
    assert [document["error"]["code"] for document in documents(tmp_path)] == ["DuplicateVersion"]
    run(tmp_path, "migrate", "--dry-run", code=2)
    assert documents(tmp_path) == []


def test_seeds_and_restore_are_told(sqlite_url: str, tmp_path: Path) -> None:
    project(tmp_path, sqlite_url)
    (tmp_path / "seeds" / "primary").mkdir(parents=True)
    write_migration(tmp_path / "seeds" / "primary", "0001_rows", "INSERT INTO t VALUES (1, 'x');", "DELETE FROM t;")
    run(tmp_path, "migrate", "--apply-seeds")
    [document] = documents(tmp_path)
    assert [file["file"] for file in document["migrations"] + document["seeds"]] == ["0001_t.sql", "0001_rows.sql"]
    run(tmp_path, "seed", "rollback", "--force")
    run(tmp_path, "rollback", "--with-backup", "--force")
    [backup] = (tmp_path / "backups").iterdir()
    run(tmp_path, "restore", str(backup), "--force")
    assert [d["command"] for d in documents(tmp_path)] == ["seed rollback", "rollback", "restore"]


@pytest.mark.parametrize(("outcome", "codes"), [("success", [None]), ("failure", ["MigrationFailed"])])
def test_only_the_outcomes_that_are_wanted(
    outcome: str, codes: list[str | None], sqlite_url: str, tmp_path: Path
) -> None:
    migrations = project(tmp_path, sqlite_url, notify_on=outcome)
    run(tmp_path, "migrate")
    write_migration(migrations, "0002_v", "INSERT INTO nowhere VALUES (1);")
    run(tmp_path, "migrate", code=1)
    assert [(document["error"] or {}).get("code") for document in documents(tmp_path)] == codes


@pytest.mark.parametrize(
    ("notify", "reason"),
    [
        ("no-such-program --x", "no-such-program: it cannot be started: No such file or directory"),
        (["sh", "-c", "echo token=abc >&2; exit 3"], "sh: it ended with exit code 3: token=***"),
        (["sh", "-c", "sleep 60 & sleep 60"], "sh: it did not end within 0.5 s"),
        ("http://127.0.0.1:9/services/T0/B0/hunter2", "127.0.0.1:9: it cannot be reached: Connection refused"),
    ],
)
def test_a_hook_that_fails_is_said_and_changes_nothing(
    notify: object, reason: str, sqlite_url: str, tmp_path: Path
) -> None:
    migrations = project(tmp_path, sqlite_url, notify, notify_timeout="500ms" if "within" in reason else "30s")
    began = time.monotonic()
    shown = run(tmp_path, "migrate")
    assert f"Warning: The notification did not reach {reason}" in shown and "1 migration applied" in shown
    write_migration(migrations, "0002_v", "INSERT INTO nowhere VALUES (1);")
    assert reason in run(tmp_path, "migrate", code=1) and time.monotonic() - began < 50
    assert "hunter2" not in shown


def test_callers_of_the_function_learn_of_it(sqlite_url: str, tmp_path: Path) -> None:
    project(tmp_path, sqlite_url, "false")
    events: list[Progress] = []
    options = dbwarden.MigrateOptions(events=events.append)
    report = dbwarden.migrate(config=str(tmp_path / "warden.py"), options=options)
    assert len(report.migrations) == 1
    assert events[-1] == NotificationFailed("primary", "false", "it ended with exit code 1")


# -- by URL -------------------------------------------------------------------------------------------------------


class Web(ThreadingHTTPServer):
    """A server that keeps what it gets and answers as its path says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.requests: list[tuple[str, str, dict[str, Any]]] = []


class Answers(BaseHTTPRequestHandler):
    server: Web

    def do_POST(self) -> None:
        document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, self.headers["Content-Type"], document))
        if "slow" in self.path:
            time.sleep(3)
        self.send_response(int(self.path.split("/")[1]))
        self.send_header("Location", "/200/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/200/hunter2", ""),
        ("/500/hunter2", "the server answered 500 Internal Server Error"),
        ("/302/hunter2", "the server answered 302 Found"),
        ("/200/slow", "no answer within 0.5 s"),
    ],
)
def test_a_url_gets_the_document(path: str, reason: str, web: Web, sqlite_url: str, tmp_path: Path) -> None:
    host = f"127.0.0.1:{web.server_port}"
    project(tmp_path, sqlite_url, f"http://{host}{path}", notify_timeout=0.5 if "slow" in path else 30)
    shown = run(tmp_path, "migrate", DBWARDEN_LOG_FORMAT="json", no_proxy="127.0.0.1")
    end = time.monotonic() + 20
    while not web.requests and time.monotonic() < end:  # a slow machine may have given up before it arrives
        time.sleep(0.05)
    assert [(where, kind, document["outcome"]) for where, kind, document in web.requests] == [
        (path, "application/json", "done")
    ]
    assert (f"did not reach {host}: {reason}" in shown) == bool(reason) and "hunter2" not in shown
    assert "Warning:" not in shown, "all of stderr is JSON"


def test_settings_show_no_secret_of_the_hook(sqlite_url: str, tmp_path: Path) -> None:
    project(tmp_path, sqlite_url, "https://hooks.example.com/services/T0/B0/hunter2")
    shown = run(tmp_path, "settings", "show", "--json")
    assert "https://hooks.example.com/..." in shown and "hunter2" not in shown
    project(tmp_path / "two", sqlite_url, "curl -H 'Authorization: hunter2' https://x")
    assert "hunter2" not in run(tmp_path / "two", "settings", "show")


@pytest.mark.parametrize("value", ["http://", "", [], ["a", ""], 3, "x 'y"])
def test_what_is_neither_a_command_nor_a_url(value: object, tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="notify"):
        dbwarden.database_config(database_name="primary", database_url_sync="sqlite:///x.db", notify=value)  # type: ignore[arg-type]
