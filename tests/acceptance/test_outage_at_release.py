"""The network goes while the migration lock is released: what was applied is applied, and the lock may stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbwarden.api.lock import lock_status
from tests.support.command import environment, run, write_migration, write_project
from tests.support.forked import run_forked
from tests.support.wire import Cut, Direction, Means, Proxy, Target, Where, through

pytestmark = pytest.mark.acceptance


def migrate(folder: Path, url: str, cut: Cut | None = None) -> tuple[Proxy, str, str, int]:
    """``migrate`` through a proxy: the proxy, both outputs, the exit code."""
    proxy = Proxy(Target.of(url), cut)
    by_proxy = environment(DATABASE_URL=through(url, proxy.port))
    out, err, code = run_forked(folder, ["migrate"], by_proxy, meanwhile=proxy.serve)
    return proxy, out, err, code


def release_of(proxy: Proxy) -> tuple[int, int]:
    """Connection and number of the message that gives the native lock back."""
    return next(
        (connection, number)
        for connection, messages in proxy.sent.items()
        for number, message in enumerate(messages, 1)
        if b"pg_advisory_unlock" in message or b"RELEASE_LOCK" in message
    )


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb"])
def test_an_outage_while_the_lock_is_released(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    url: str = request.getfixturevalue(f"{engine}_url")
    migrations = write_project(tmp_path, "${DATABASE_URL}")
    for number in (1, 2):  # the first run makes our tables, the second is as the third
        write_migration(migrations, f"000{number}_t", f"CREATE TABLE t{number} (n integer);")
        proxy, _, err, code = migrate(tmp_path, url)
        assert (code, err) == (0, "")
    cut = Cut(*release_of(proxy)[:1], Direction.CLIENT, release_of(proxy)[1], Where.BEFORE, Means.OUTAGE)
    write_migration(migrations, "0003_t", "CREATE TABLE t3 (n integer);")
    proxy, out, err, code = migrate(tmp_path, url, cut)
    assert proxy.done
    assert code == 0 and "1 migration applied" in out, "what was asked for is done"
    assert err.startswith("Warning: The migration lock could not be released, and may still be held: "), err
    assert "`dbwarden lock-status -d primary`" in err and "`dbwarden unlock -d primary`" in err
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", url)
    assert lock_status().active
    run(tmp_path, "unlock", DATABASE_URL=url)
    assert not lock_status().active
    assert "3 applied, 0 pending" in run(tmp_path, "status", DATABASE_URL=url)
