"""Temporary servers of both flavours, from the programs that the tests run on."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from dbwarden.dialects.base import local_server
from dbwarden.dialects.base.local_server import Instance
from dbwarden.dialects.mysql.servers import DOCKER_SERVERS, LOCAL_SERVERS
from dbwarden.errors import DatabaseError, Unsupported
from tests.servers import VENDORS, Unavailable, mysql_family, process
from tests.servers.fixtures import missing
from tests.servers.mysql_objects import query


@pytest.fixture(params=LOCAL_SERVERS)
def flavour(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def programs(flavour: str) -> Path:
    try:
        source = VENDORS[flavour].find()
    except Unavailable as reason:
        missing(f"{flavour}: {reason}")
    installed = LOCAL_SERVERS[flavour].installed()
    if source.kind != "private server" and not installed:
        pytest.skip("the server is in a container or somewhere else")
    return installed[max(installed)] if installed else Path(source.place)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="dbwarden-test-", dir=process.base()) as name:
        yield Path(name)


def test_a_server_on_a_socket_and_on_a_port(flavour: str, programs: Path, folder: Path) -> None:
    server, open_url = LOCAL_SERVERS[flavour], mysql_family.open_connection
    instance = Instance(programs, folder, settings={"user": "root"} if os.geteuid() == 0 else {})
    local_server.initialize(server, instance)
    child = local_server.start(server, instance)
    with closing(local_server.first_connection(server, instance, child, open_url)) as connection:
        assert query(connection, "SELECT DATABASE(), @@skip_networking") == (("scratch", 1),)
        query(connection, "CREATE TABLE t (a INT)")
    assert server.url(instance) == f"{flavour}://root@localhost/scratch?unix_socket={folder}/socket"
    local_server.stop(server, instance, child)
    assert child.returncode == -9  # at once

    protected = replace(instance, port=process.free_port(), password="it's")
    (folder / "first.sql").write_text(server.files(protected)["first.sql"])
    child = local_server.start(server, protected)
    try:
        local_server.first_connection(server, protected, child, open_url).close()
        with pytest.raises(DatabaseError, match="Access denied"):
            open_url(server.url(protected).replace("it's", "its"))
    finally:
        local_server.stop(server, protected, child)


def test_a_process_number_that_is_somebody_elses(flavour: str, tmp_path: Path) -> None:
    """A killed server leaves its file behind, and the number may be given to another program."""
    with subprocess.Popen(["sleep", "60"]) as bystander:
        (tmp_path / "pid").write_text(f"{bystander.pid}\n")
        assert local_server.halt(LOCAL_SERVERS[flavour], Instance(tmp_path, tmp_path))
        assert bystander.poll() is None
        bystander.kill()


@pytest.mark.parametrize(
    ("name", "shown", "version"),
    [
        ("mysql", "Ver 8.0.36-0ubuntu0.22.04.1 for Linux on x86_64 ((Ubuntu))", (8, 0)),
        ("mysql", "Ver 8.4.3-3 for Linux on x86_64 (Percona Server (GPL), Release 3)", (8, 4)),
        ("mysql", "Ver 10.11.18-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)", None),
        ("mysql", "Ver 5.7.44 for Linux on x86_64 (MySQL Community Server (GPL))", None),
        ("mariadb", "Ver 10.11.18-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)", (10, 11)),
    ],
)
def test_versions(name: str, shown: str, version: tuple[int, ...] | None) -> None:
    """MariaDB has a program ``mysqld`` too."""
    server = LOCAL_SERVERS[name]
    match = re.search(server.version_pattern, shown)
    numbers = tuple(map(int, match[1].split(".")))[:2] if match else ()
    assert (numbers if numbers >= server.oldest else None) == version


def test_missing_scripts_are_named(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    instance = Instance(tmp_path / "bin", tmp_path / "folder")
    with pytest.raises(Unsupported, match=r"the script mariadb_system_tables\.sql is missing"):
        local_server.initialize(LOCAL_SERVERS["mariadb"], instance)


def test_containers(flavour: str) -> None:
    server, prefix = DOCKER_SERVERS[flavour], flavour.upper()
    assert server.environment("secret") == {f"{prefix}_DATABASE": "scratch", f"{prefix}_ROOT_PASSWORD": "secret"}
    empty = {"mysql": "MYSQL_ALLOW_EMPTY_PASSWORD", "mariadb": "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD"}[flavour]
    assert server.environment("") == {f"{prefix}_DATABASE": "scratch", empty: "yes"}
    assert server.url("127.0.0.1:3307", "secret") == f"{flavour}://root:secret@127.0.0.1:3307/scratch"
