"""Temporary PostgreSQL servers: from the programs on this machine, or in a container."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from dbwarden.core.archive import Command
from dbwarden.dialects.base.docker_server import DockerServer
from dbwarden.dialects.base.local_server import Instance, LocalServer

_USER = "postgres"
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
"""Settings that trade durability for speed, since the data is temporary."""
_SMALL = {"max_connections": "10", "shared_buffers": "32MB"}
_PASSWORD = "password"


def _files(instance: Instance) -> Mapping[str, str]:
    return {_PASSWORD: instance.password} if instance.password else {}


def _initialize(instance: Instance) -> Iterator[Command]:
    host = ("--auth-host=scram-sha-256", f"--pwfile={instance.folder / _PASSWORD}") if instance.password else ()
    yield Command((
        instance.program("initdb"), f"--pgdata={instance.data}", f"--username={_USER}", "--auth=trust", *host,
        "--encoding=UTF8", "--locale=C", "--no-sync",
    ))  # fmt: skip


def _start(instance: Instance) -> tuple[str, ...]:
    listen = (
        {"listen_addresses": "127.0.0.1", "port": str(instance.port)} if instance.port else {"listen_addresses": ""}
    )
    settings = {**NOT_DURABLE, **_SMALL, **instance.settings, **listen, "unix_socket_directories": str(instance.folder)}
    options = (part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
    return instance.program("postgres"), "-D", str(instance.data), *options


def _stop(instance: Instance) -> tuple[str, ...]:
    return (
        instance.program("pg_ctl"), "stop", "--silent", "--mode=immediate", "--timeout=10", f"--pgdata={instance.data}",
    )  # fmt: skip


def _url(instance: Instance) -> str:
    if instance.port:
        return _at(f"127.0.0.1:{instance.port}", instance.password)
    return f"postgresql://{_USER}@/postgres?host={quote(str(instance.folder))}"


def _at(address: str, password: str) -> str:
    return f"postgresql://{_USER}{f':{password}' if password else ''}@{address}/postgres"


LOCAL_SERVER = LocalServer(
    product="PostgreSQL",
    programs=("postgres", "initdb", "pg_ctl"),
    places=(
        "/usr/lib/postgresql/*/bin",  # Debian
        "/usr/pgsql-*/bin",  # Red Hat
        "/usr/libexec/postgresql*",  # Alpine
        "/opt/homebrew/opt/postgresql@*/bin",
        "/usr/local/opt/postgresql@*/bin",
        "/usr/local/pgsql/bin",
    ),
    oldest=(12,),
    accounts=("postgres",),
    files=_files,
    initialize=_initialize,
    start=_start,
    url=_url,
    stop=_stop,
)

DOCKER_SERVER = DockerServer(
    image="postgres",
    version=(15,),
    port=5432,
    environment=lambda password: (
        {"POSTGRES_PASSWORD": password} if password else {"POSTGRES_HOST_AUTH_METHOD": "trust"}
    ),
    url=_at,
)
