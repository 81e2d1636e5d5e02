"""MySQL and MariaDB, where every DDL statement commits: what the commands say of a file that stopped, and how it goes on."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dbwarden.api.connection import connect
from tests.support.command import rows, run, start, write_migration, write_project

pytestmark = pytest.mark.acceptance

SEVEN = """CREATE TABLE b (id int PRIMARY KEY, n int);
INSERT INTO b VALUES (1, 1);
ALTER TABLE {} ADD COLUMN m int;
UPDATE b SET n = n + 1;
UPDATE b SET n = n + 1;
CREATE INDEX ix ON b (n);
INSERT INTO b (id, n) VALUES (2, 2);"""
BACK = "DELETE FROM b WHERE id = 2;\nALTER TABLE b DROP INDEX ix;\nALTER TABLE {} DROP COLUMN m;\nDROP TABLE b;"


@pytest.fixture(params=["mysql", "mariadb"])
def url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each flavour in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def test_a_file_goes_on_at_the_statement_that_failed(tmp_path: Path, url: str) -> None:
    folder = write_project(tmp_path, url)
    write_migration(folder, "0001_b", SEVEN.format("missing"), BACK.format("missing"))
    shown = run(tmp_path, "migrate", code=1)
    assert "0001_b.sql:4: statement 3 of 7 failed" in shown
    assert "Statements 1 to 2 of 7 remain in effect; the next run continues after them" in shown
    assert "failed at statement 3 of 7" in run(tmp_path, "status")
    entry = json.loads(run(tmp_path, "status", "--json"))["entries"][0]
    assert (entry["state"], entry["statements_done"], entry["statements_total"]) == ("failed", 2, 7)
    write_migration(folder, "0001_b", SEVEN.format("b"), BACK.format("missing"))
    run(tmp_path, "migrate")
    assert rows(url, "SELECT id, n FROM b ORDER BY id") == [(1, 3), (2, 2)]
    assert rows(url, "SELECT COUNT(*) FROM dbwarden_journal") == [(0,)]
    shown = run(tmp_path, "rollback", "--force", code=1)
    assert "statement 3 of 4 failed" in shown and "Statements 1 to 2 of 4 remain in effect" in shown
    assert "statement 3 of 4" in run(tmp_path, "status")
    write_migration(folder, "0001_b", SEVEN.format("b"), BACK.format("b"))
    run(tmp_path, "rollback", "--force")
    assert (
        rows(url, "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'b'") == []
    )


def test_data_statements_share_a_transaction(tmp_path: Path, url: str) -> None:
    """The fifth statement fails, so that the fourth one is undone with it."""
    folder = write_project(tmp_path, url)
    text = SEVEN.format("b").replace("UPDATE b SET n = n + 1;\nCREATE", "UPDATE missing SET n = n + 1;\nCREATE")
    write_migration(folder, "0001_b", text, BACK.format("b"))
    assert "Statements 1 to 3 of 7 remain in effect" in run(tmp_path, "migrate", code=1)
    assert rows(url, "SELECT id, n FROM b") == [(1, 1)]
    shown = run(tmp_path, "status")
    assert "0001_b.sql failed at statement 5 of 7; statement 4, in the same transaction, was undone." in shown
    assert "`dbwarden migrate -d primary` continues at statement 4" in shown
    assert "failed at statement 5 of 7" in run(tmp_path, "history")
    entry = json.loads(run(tmp_path, "status", "--json"))["entries"][0]
    assert (entry["statements_done"], entry["failed_statement"]) == (3, 5)
    write_migration(folder, "0001_b", SEVEN.format("b"), BACK.format("b"))
    run(tmp_path, "migrate")
    assert rows(url, "SELECT id, n FROM b ORDER BY id") == [(1, 3), (2, 2)]


def test_a_header_cannot_ask_for_a_transaction(tmp_path: Path, url: str) -> None:
    folder = write_project(tmp_path, url)
    (folder / "0001_t.sql").write_text(
        "-- transaction: on\n\n-- upgrade\nINSERT INTO x VALUES (1);\nCREATE TABLE t (id int);\n"
    )
    shown = run(tmp_path, "migrate", code=2)
    assert "0001_t.sql:5: CREATE TABLE t (id int): this statement commits by itself" in shown
    assert "Remove `-- transaction: on`" in shown


def test_killed_while_the_server_goes_on(tmp_path: Path, url: str) -> None:
    """The client is gone, and its statement waits for a lock: the next run waits for it, and does not run it twice."""
    folder = write_project(tmp_path, url, lock_timeout="30s")
    write_migration(folder, "0001_t", "CREATE TABLE t (n int);\nINSERT INTO t VALUES (1);", "DROP TABLE t;")
    run(tmp_path, "migrate")
    alter = "ALTER TABLE t ADD COLUMN m int"
    write_migration(folder, "0002_m", f"UPDATE t SET n = 2;\n{alter};\nUPDATE t SET n = n + 1;", "SELECT 1;")
    with connect(url) as other:
        other.execute("START TRANSACTION")
        other.query("SELECT * FROM t")
        process = start(tmp_path, "migrate")
        _until(lambda: _executed(url, alter))
        process.kill()
        process.communicate()
        assert _executed(url, alter)
        _until(lambda: "Liveness:  gone" in run(tmp_path, "lock-status"))
        shown = run(tmp_path, "status")
        assert "0002_m.sql stopped in statement 2 of 3; whether that had its effect is not recorded." in shown
        run(tmp_path, "unlock")
        second = start(tmp_path, "migrate")
        _until(lambda: "Liveness:  alive" in run(tmp_path, "lock-status"))
        other.execute("COMMIT")
        output = second.communicate(timeout=60)[0]
    assert second.returncode == 0, output
    assert rows(url, "SELECT n, m FROM t") == [(3, None)]


def test_a_lock_that_comes_free_between_two_attempts(tmp_path: Path, url: str) -> None:
    folder = write_project(tmp_path, url, lock_timeout="1s")
    write_migration(folder, "0001_t", "CREATE TABLE t (n int);", "DROP TABLE t;")
    run(tmp_path, "migrate")
    write_migration(folder, "0002_m", "ALTER TABLE t ADD COLUMN m int;", "ALTER TABLE t DROP COLUMN m;")
    with connect(url) as other:
        other.execute("START TRANSACTION")
        other.query("SELECT * FROM t")
        process = start(tmp_path, "migrate", "--debug")
        assert process.stdout is not None
        seen = []
        for line in process.stdout:
            seen.append(line)
            if "attempt 1 of" in line:
                break
        other.execute("COMMIT")
        output = "".join(seen) + process.communicate(timeout=60)[0]
    assert process.returncode == 0, output
    assert re.search(r"statement 1 of 1: .*[Ll]ock wait timeout.* \(attempt 1 of 5\)", output), output
    assert rows(url, "SELECT event FROM dbwarden_migrations ORDER BY id") == [("applied",), ("applied",)]


def _executed(url: str, sql: str) -> bool:
    with connect(url) as conn:
        return any(row[7] == sql for row in conn.query("SHOW FULL PROCESSLIST"))


def _until(true: Callable[[], bool]) -> None:
    for _ in range(150):
        if true():
            return
        time.sleep(0.2)
    raise AssertionError("it never came")
