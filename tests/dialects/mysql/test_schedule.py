"""How the statements of a file are divided into transactions where every DDL statement commits."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.core.sqltext import SqlStatement
from dbwarden.errors import ImplicitCommit
from dbwarden.runtime.schedule import Schedule, schedule

TEXTS = (
    "SET @x = 1",
    "INSERT INTO t SELECT @x := @x + 1 FROM u",
    "ALTER TABLE t ADD INDEX ix (a)",
    "UPDATE t SET a = 1",
)


def divided(header: str | None = None) -> Schedule:
    statements = [SqlStatement(text, 0, line) for line, text in enumerate(TEXTS, 1)]
    return schedule(dialects.get("mysql"), "0001_t.sql", statements, header, lambda sql: "@x" in sql)


def test_what_commits_runs_alone_and_with_a_limited_wait() -> None:
    """An index that blocks nobody still has everybody waiting behind it while it waits."""
    assert divided().outside_transaction == {3}
    assert not divided().nonblocking


def test_a_resumed_file_repeats_only_what_sets_the_session() -> None:
    assert divided().changes_session == {1, 2}
    assert divided().repeated == {1}


def test_a_transaction_cannot_contain_ddl() -> None:
    with pytest.raises(ImplicitCommit, match=r"0001_t.sql:3: ALTER TABLE t"):
        divided("on")
