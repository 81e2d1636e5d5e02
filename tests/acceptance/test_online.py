"""Generated changes of a table that exists, while a process keeps writing to it; and the way on after every interruption.

The table has rows enough that each change, done plainly, keeps the writer out for a time that can be measured.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

import dbwarden
from dbwarden import dialects
from dbwarden.core.file import parse
from dbwarden.errors import MigrationFailed
from dbwarden.runtime.journal import Journal
from tests.support.project import Project
from tests.support.torn import torn

pytestmark = pytest.mark.acceptance

ROWS = 300_000
_HEAD = """
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, String, Table, UniqueConstraint

metadata = MetaData()
parents = Table("parents", metadata, Column("id", Integer, primary_key=True))
"""
BEFORE = f"""{_HEAD}
users = Table(
    "users", metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(80), nullable=True),
    Column("parent", Integer),
    Column("age", Integer),
    Index("ix_age", "age"),
)
"""
AFTER = f"""{_HEAD}
users = Table(
    "users", metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(80), nullable=False),
    Column("parent", Integer, ForeignKey("parents.id", name="fk_parent"), index=True),
    Column("age", Integer),
    Index("ix_age", "age", "email"),
    UniqueConstraint("email", name="uq_email"),
    CheckConstraint("slowly(age)", name="ck_age"),
)
"""
FUNCTION = """CREATE FUNCTION slowly(n integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    FOR i IN 1 .. 20 LOOP
        n := n + i;
    END LOOP;
    RETURN n > 0;
END $$"""
FILL = """INSERT INTO parents SELECT n FROM generate_series(1, 1000) AS n;
INSERT INTO users SELECT n, 'someone' || md5(n::text) || '@example.com', n % 1000 + 1, n % 90 FROM generate_series(1, {rows}) AS n;
"""


def _project(folder: Path, url: str, rows: int) -> Project:
    project = Project(folder / "project", url)
    project.models(BEFORE)
    project.generate("before", proof=False)
    project.migrate()
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(FUNCTION)
        conn.execute(FILL.format(rows=rows).encode())
        conn.execute("ANALYZE")
    project.models(AFTER)
    return project


def _statements(text: str) -> tuple[list[str], list[str]]:
    file = parse("0001_x.sql", text, dialects.get("postgresql").lexis)
    return [one.text for one in file.upgrade()], [one.text for one in file.rollback()]


# -- while others write -------------------------------------------------------------------------------------------

WRITER = """
import json, select, sys, time
import psycopg

conn = psycopg.connect(sys.argv[1], autocommit=True, application_name="writer")
first = conn.execute("SELECT max(id) + 1 FROM users").fetchone()[0]
longest, written = 0.0, 0
while not select.select([sys.stdin], [], [], 0.01)[0]:
    number = first + written
    started = time.perf_counter()
    conn.execute("INSERT INTO users VALUES (%s, %s, 1, 1)", (number, f"new{number}"))
    conn.execute("UPDATE users SET age = age + 1 WHERE id = %s", (written * 97 % 300_000 + 1,))
    longest = max(longest, time.perf_counter() - started)
    written += 1
    if written == 1:
        print("begun", flush=True)
print(json.dumps({"longest": longest, "written": written}))
"""


@contextmanager
def _writing(url: str) -> Iterator[dict[str, Any]]:
    """A process that writes all the while; filled at the end with its longest pause in seconds."""
    found: dict[str, Any] = {}
    argv = [sys.executable, "-c", WRITER, url]
    with subprocess.Popen(argv, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "begun\n"
            yield found
            out, _ = process.communicate("stop", timeout=30)
            found.update(json.loads(out))
        finally:
            process.kill()


_STRONG = """SELECT l.pid, l.virtualtransaction, l.relation::regclass::text, l.mode
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.granted AND l.relation IN ('users'::regclass, 'parents'::regclass) AND a.backend_type = 'client backend'
    AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"""


@dataclass
class Sampler:
    """How long locks stronger than SHARE UPDATE EXCLUSIVE were seen held."""

    url: str
    seen: dict[tuple[Any, ...], list[float]] = field(default_factory=dict)
    samples: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Sampler:
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        self.thread.join()

    def _run(self) -> None:
        with psycopg.connect(self.url, autocommit=True, application_name="sampler") as conn:
            while not self.stop.is_set():
                rows = conn.execute(_STRONG).fetchall()
                now = time.perf_counter()
                self.samples += 1
                for row in rows:
                    self.seen.setdefault(row, [now, now])[1] = now
                time.sleep(0.005)

    @property
    def longest(self) -> float:
        return max((last - first for first, last in self.seen.values()), default=0.0)


def _plainly(url: str, statements: list[str]) -> float:
    """How long the plain statements take in their one transaction, which is taken back."""
    with psycopg.connect(url) as conn:
        started = time.perf_counter()
        for sql in statements:
            conn.execute(sql.encode())
        taken = time.perf_counter() - started
        conn.rollback()
    return taken


def _scans(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as conn:
        time.sleep(0.2)
        return int(conn.execute("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'users'").fetchone()[0])  # type: ignore[index]


def test_a_writer_goes_on_while_everything_changes(tmp_path: Path, postgresql_url: str) -> None:
    project = _project(tmp_path, postgresql_url, ROWS)
    plain, _ = _statements(
        project.generate(write=False, proof=False, options=dbwarden.CompareOptions(online=False)).text
    )
    with Sampler(postgresql_url) as sampler:
        taken = _plainly(postgresql_url, plain)
    assert sampler.longest > taken / 3  # it would see a lock that is held
    report = project.generate(proof=False)
    upgrade, _ = _statements(report.text)
    assert len(upgrade) > len(plain) and not {"CONCURRENTLY", "VALID"} & set(" ".join(plain).split())

    for change in (project.migrate, project.rollback):
        with _writing(postgresql_url) as writer, Sampler(postgresql_url) as sampler:
            change()
        assert writer["written"] > 10 and sampler.samples > 10
        print(f"plainly {taken:.2f} s; online: lock {sampler.longest:.3f} s, pause {writer['longest']:.3f} s")
        # A pause of the machine is no lock: what counts is that both stay far below what a plain change takes.
        assert sampler.longest < max(0.2, taken / 8), (sampler.longest, taken, sampler.seen)
        assert writer["longest"] < max(0.3, taken / 4), (writer, taken)


def test_not_null_that_is_proven_reads_the_table_once(tmp_path: Path, postgresql_url: str) -> None:
    project = _project(tmp_path, postgresql_url, 100)
    project.models(BEFORE.replace("nullable=True", "nullable=False"))
    project.generate(proof=False)
    before = _scans(postgresql_url)
    project.migrate()
    assert _scans(postgresql_url) - before == 1


# -- interrupted --------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone: nothing of ours runs any more."""


class Killer:
    """Ends the run at the n-th mark of the journal, before or behind the writing of it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.left, self.behind, self.write = -1, False, Journal.write
        patch.setattr(Journal, "write", lambda *args: self._write(*args))

    def disarm(self) -> None:
        self.left = -1

    def arm(self, mark: int, behind: bool) -> None:
        self.left, self.behind = mark, behind

    def _write(self, *args: Any) -> None:
        now, self.left = self.left == 0, self.left - 1
        if now and not self.behind:
            raise Killed
        self.write(*args)
        if now:
            raise Killed


def _killed_everywhere(
    killer: Killer, change: Callable[[], Any], undo: Callable[[], Any], check: Callable[[], None]
) -> int:
    """Run ``change`` again and again, killed at one mark after the other, each time finished by a second run."""
    for mark in range(100):
        killer.arm(mark // 2, behind=mark % 2 == 1)
        try:
            change()
        except Killed:
            change()
            check()
            undo()
        else:
            killer.disarm()
            return mark
    raise AssertionError("no end of marks")


def test_killed_at_every_boundary(tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    project = _project(tmp_path, postgresql_url, 50)
    former = project.dump()
    project.generate(proof=False)
    project.migrate()
    wanted = project.dump()
    project.rollback()
    killer = Killer(monkeypatch)

    def expect(schema: list[str]) -> Callable[[], None]:
        def check() -> None:
            assert project.dump() == schema

        return check

    expect(former)()
    assert _killed_everywhere(killer, project.migrate, project.rollback, expect(wanted)) > 20
    expect(wanted)()
    assert _killed_everywhere(killer, project.rollback, project.migrate, expect(former)) > 10
    expect(former)()


def test_a_unique_index_that_rows_forbid_is_built_anew_when_they_are_right(tmp_path: Path, postgresql_url: str) -> None:
    project = _project(tmp_path, postgresql_url, 50)
    project.generate(proof=False)
    project.execute("UPDATE users SET email = 'twice' WHERE id IN (1, 2);\n")
    with pytest.raises(MigrationFailed, match="uq_email"):
        project.migrate()
    invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
    with psycopg.connect(postgresql_url, autocommit=True) as conn:
        assert conn.execute(invalid).fetchall() == [("uq_email",)]
        with pytest.raises(MigrationFailed, match="uq_email"):
            project.migrate()
        conn.execute("UPDATE users SET email = 'once' WHERE id = 1")
        project.migrate()
        assert conn.execute(invalid).fetchall() == []
    assert project.generate("again").empty
    project.rollback()


def test_rows_without_a_value_stop_not_null(tmp_path: Path, postgresql_url: str) -> None:
    project = _project(tmp_path, postgresql_url, 50)
    project.generate(proof=False)
    project.execute("UPDATE users SET email = NULL WHERE id = 1;\n")
    with pytest.raises(MigrationFailed, match="users_email_set"):
        project.migrate()
    project.execute("UPDATE users SET email = 'x' WHERE id = 1;\n")
    project.migrate()
    assert project.generate("again").empty


def test_views_stay_where_the_change_below_them_fails(tmp_path: Path, postgresql_url: str) -> None:
    project = _project(tmp_path, postgresql_url, 50)
    project.execute("CREATE VIEW mails AS SELECT id, email FROM users;\nCREATE MATERIALIZED VIEW m AS TABLE mails;\n")
    former = project.dump()
    number = BEFORE.replace('Column("email", String(80), nullable=True)', 'Column("email", Integer, nullable=False)')
    project.models(number.replace('Index("ix_age", "age")', 'Index("ix_other", "parent", "age")'))
    upgrade, rollback = _statements(project.generate(proof=False).text)
    kept = "DROP INDEX CONCURRENTLY", "DROP MATERIALIZED VIEW", "DROP VIEW", "ALTER TABLE", "CREATE VIEW"
    first = [sql for sql in upgrade if not sql.endswith("NOT VALID")][:5]
    assert [next((sql for sql in upgrade if sql.startswith(word)), word) for word in kept] == first
    assert torn(upgrade, dialects.get("postgresql")) == torn(rollback, dialects.get("postgresql")) == []
    with pytest.raises(MigrationFailed, match="invalid input syntax"):
        project.migrate()
    assert [line for line in former if "ix_age" not in line] == project.dump()
    project.execute("UPDATE users SET email = id::text;\n")
    project.migrate()
    assert project.generate("again").empty
    project.rollback()
    assert project.dump() == former
