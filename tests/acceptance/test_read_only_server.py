"""MySQL and MariaDB as a read-only replica is set: what may be read is shown, and an error names the reason for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import CRASHABLE, mysql_family
from tests.servers.fixtures import need_crashable
from tests.servers.mysql_objects import query
from tests.support.command import run, write_migration, write_project

pytestmark = pytest.mark.acceptance


@contextmanager
def own_server(engine: str) -> Iterator[tuple[mysql_family.Connection, str, str]]:
    """A server of the test's own, because its settings hold for everybody: an administrator, and the URLs of a database for
    an ordinary account and for the administrator."""
    with CRASHABLE[engine].crashable() as server:
        root = mysql_family.connect(server.url)
        query(root, "CREATE DATABASE app")
        query(root, "CREATE USER app IDENTIFIED BY 'Secret_1'")
        query(root, "GRANT ALL ON app.* TO app")
        address = server.url.rpartition("@")[2].partition("/")[0]
        yield root, f"{engine}://app:Secret_1@{address}/app", server.url.rpartition("/")[0] + "/app"
        root.close()


@pytest.mark.parametrize(
    ("engine", "setting", "as_root"),
    [("mysql", "read_only", False), ("mysql", "super_read_only", True), ("mariadb", "read_only", False)],
)
def test_a_read_only_server(tmp_path: Path, engine: str, setting: str, as_root: bool) -> None:
    need_crashable(engine)
    with own_server(engine) as (root, ordinary, administrator):
        migrations = write_project(tmp_path, administrator if as_root else ordinary)
        write_migration(migrations, "0001_a", "CREATE TABLE a (id INTEGER);", "DROP TABLE a;")
        run(tmp_path, "migrate")
        write_migration(migrations, "0002_b", "CREATE TABLE b (id INTEGER);", "DROP TABLE b;")
        query(root, f"SET GLOBAL {setting} = 1")
        for command in (("migrate",), ("rollback", "--force")):
            shown = run(tmp_path, *command, code=1)
            assert shown.count("Error: ") == 1 and "read-only option" in shown, shown
            assert "the server is a standby or read-only by its settings" in shown
            assert "Point the configuration at the primary" in shown
        assert "1 applied, 1 pending" in run(tmp_path, "status")
        assert run(tmp_path, "lock-status") == "Migration lock: INACTIVE\n"
        assert "Table a" in run(tmp_path, "check-db")
        query(root, "SET GLOBAL read_only = 0")
        assert "Applied 0002_b.sql" in run(tmp_path, "migrate")
