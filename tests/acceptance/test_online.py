"""Generated changes of a table that exists, while others write to it; and the way on after every interruption.

What is counted is work, not time: the rows that a transaction reads while it holds a lock that keeps writers out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

import dbwarden
from dbwarden import dialects
from dbwarden.core.file import parse
from dbwarden.errors import MigrationFailed
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.journal import SqlJournal
from tests.support.project import Project
from tests.support.torn import torn

pytestmark = pytest.mark.acceptance

ROWS = 2_000
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
    file = parse("0001_x.sql", text, dialects.get("postgresql").lexical_rules)
    return [one.text for one in file.upgrade()], [one.text for one in file.rollback()]


# -- while others write -------------------------------------------------------------------------------------------

_WORK = """SELECT array(SELECT DISTINCT mode FROM pg_locks
        WHERE pid = pg_backend_pid() AND granted AND relation IN ('users'::regclass, 'parents'::regclass)
            AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')),
    (SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::int FROM pg_stat_xact_user_tables
        WHERE relname IN ('users', 'parents'))"""
"""Of the open transaction: its locks that keep writers out, and how many rows it has read meanwhile."""


@dataclass
class Transactions:
    """What the transactions of a run did before each commit, and what was sent outside of any."""

    done: list[tuple[list[str], int]] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        begin, commit, execute = DatabaseConnection.begin, DatabaseConnection.commit, DatabaseConnection.execute
        before: dict[DatabaseConnection, int] = {}

        def begun(conn: DatabaseConnection) -> None:
            begin(conn)
            # The server adds what it counts to the statistics from time to time, and never within a transaction.
            before[conn] = next(iter(conn.query(_WORK)))[1]

        def committed(conn: DatabaseConnection) -> None:
            self.done += [(row[0], row[1] - before[conn]) for row in conn.query(_WORK)]
            commit(conn)

        def executed(conn: DatabaseConnection, sql: str, *more: Any) -> Any:
            if conn.raw.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
                self.outside.append(sql)
            return execute(conn, sql, *more)

        patch.setattr(DatabaseConnection, "begin", begun)
        patch.setattr(DatabaseConnection, "commit", committed)
        patch.setattr(DatabaseConnection, "execute", executed)

    @property
    def kept_out(self) -> list[tuple[list[str], int]]:
        """The transactions that read rows while writers waited."""
        return [(locks, rows) for locks, rows in self.done if locks and rows]


def _plainly(url: str, statements: list[str]) -> tuple[list[str], int]:
    """The same of the plain statements in their one transaction, which is taken back."""
    with psycopg.connect(url) as conn:
        for sql in statements:
            conn.execute(sql.encode())
        row = conn.execute(_WORK).fetchone()
        conn.rollback()
    assert row is not None
    return row[0], row[1]


_OTHERS = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""


def _scans(url: str) -> int:
    """How often the table was read: sessions add what they did to the statistics when they end."""
    with psycopg.connect(url, autocommit=True) as conn:
        while conn.execute(_OTHERS).fetchone() != (0,):
            time.sleep(0.01)
        return int(conn.execute("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'users'").fetchone()[0])  # type: ignore[index]


def test_no_row_is_read_while_writers_are_kept_out(
    tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = _project(tmp_path, postgresql_url, ROWS)
    plain, _ = _statements(
        project.generate(write=False, proof=False, options=dbwarden.CompareOptions(online=False)).text
    )
    locks, read = _plainly(postgresql_url, plain)
    assert "AccessExclusiveLock" in locks and read >= 3 * ROWS, "done plainly, it would be seen"
    upgrade, _ = _statements(project.generate(proof=False).text)
    assert len(upgrade) > len(plain) and not {"CONCURRENTLY", "VALID"} & set(" ".join(plain).split())

    for change in (project.migrate, project.rollback):
        seen = Transactions()
        with monkeypatch.context() as patch:
            seen.watch(patch)
            change()
        assert not seen.kept_out
        assert any(locks for locks, _ in seen.done), "short ones are taken all the same"
        assert any("CONCURRENTLY" in sql for sql in seen.outside)
        assert [sql for sql in seen.outside if "users" in sql and "CONCURRENTLY" not in sql] == []


def test_not_null_that_is_proven_reads_the_table_once(tmp_path: Path, postgresql_url: str) -> None:
    project = _project(tmp_path, postgresql_url, 100)
    project.models(BEFORE.replace("nullable=True", "nullable=False"))
    project.generate(proof=False)
    before = _scans(postgresql_url)
    project.migrate(preflight=False)
    assert _scans(postgresql_url) - before == 1


# -- interrupted --------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone: nothing of ours runs any more."""


class Killer:
    """Ends the run at the n-th mark of the journal, before or behind the writing of it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.left, self.behind, self.write = -1, False, SqlJournal.append_all_if_held
        patch.setattr(SqlJournal, "append_all_if_held", lambda *args: self._write(*args))

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
    assert _killed_everywhere(killer, project.rollback, project.migrate, expect(former)) > 6
    expect(former)()


def test_a_unique_index_that_rows_forbid_is_built_anew_when_they_are_right(tmp_path: Path, postgresql_url: str) -> None:
    project = _project(tmp_path, postgresql_url, 50)
    project.generate(proof=False)
    project.execute("UPDATE users SET email = 'twice' WHERE id IN (1, 2);\n")
    with pytest.raises(MigrationFailed, match="uq_email"):
        project.migrate(preflight=False)
    invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
    with psycopg.connect(postgresql_url, autocommit=True) as conn:
        assert conn.execute(invalid).fetchall() == [("uq_email",)]
        with pytest.raises(MigrationFailed, match="uq_email"):
            project.migrate(preflight=False)
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
        project.migrate(preflight=False)
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
    statements = "DROP INDEX CONCURRENTLY", "DROP MATERIALIZED VIEW", "DROP VIEW", "ALTER TABLE", "CREATE VIEW"
    first = [sql for sql in upgrade if not sql.endswith("NOT VALID")][:5]
    assert [next((sql for sql in upgrade if sql.startswith(word)), word) for word in statements] == first
    assert torn(upgrade, dialects.get("postgresql")) == torn(rollback, dialects.get("postgresql")) == []
    with pytest.raises(MigrationFailed, match="invalid input syntax"):
        project.migrate(preflight=False)
    assert [line for line in former if "ix_age" not in line] == project.dump()
    project.execute("UPDATE users SET email = id::text;\n")
    project.migrate()
    assert project.generate("again").empty
    project.rollback()
    assert project.dump() == former
